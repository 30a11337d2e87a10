/* The reference implementation of Argon2, as a program would use it: 19 MiB, two passes, one lane. Prints the
   processor time of the first hash and of each later one, in milliseconds. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "argon2.h"

static double processor_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double hash_ms(void) {
    static const char password[] = "correct horse battery", salt[] = "0123456789abcdef";
    unsigned char hash[32];
    double started = processor_ms();
    if (argon2id_hash_raw(2, 19456, 1, password, sizeof password - 1, salt, sizeof salt - 1, hash,
                          sizeof hash) != ARGON2_OK) {
        exit(1);
    }
    return processor_ms() - started;
}

int main(int count, char **arguments) {
    int later = count > 1 ? atoi(arguments[1]) : 10;
    printf("{\"memory\": 0, \"first\": %f, \"later\": [", hash_ms());
    for (int i = 0; i < later; i++) {
        printf("%s%f", i ? ", " : "", hash_ms());
    }
    puts("]}");
    return 0;
}
