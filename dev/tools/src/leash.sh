# The watchdog of one process, and its parent. Runs under any POSIX shell.
#
# Only our program holds the other end of the pipe on standard input. The kernel closes it however our
# program ends, even by SIGKILL, and then this script ends the process.
#
# usage: sh -c … watchdog SIGNAL GRACE_SECONDS LITTER PROGRAM [ARGUMENT …]
signal=$1 grace=$2 litter=$3
shift 3

exec 3<&0
"$@" </dev/null >&2 3<&- &
child=$!
echo "$child"
exec >/dev/null 2>&1

(
    # A line means "end it". The end of the pipe means that our program is gone and cannot clean up.
    read -r _ <&3 || abandoned=yes
    # From here on, the main part below must not end this subshell with the rest of the group.
    trap : TERM
    kill -s "$signal" "$child"
    # A stopped process receives the signal only when it continues.
    kill -s CONT "$child"
    while [ "$grace" -gt 0 ] && kill -0 "$child"; do
        sleep 1
        grace=$((grace - 1))
    done
    kill -s KILL "$child"
    [ -z "$abandoned" ] || [ -z "$litter" ] || rm -rf "$litter"
) &

# Ignores signals to the group: this script ends when the process has ended.
trap : HUP INT TERM
while :; do
    wait "$child"
    status=$?
    kill -0 "$child" || break
done
# Ends what the process left behind in its group.
trap '' TERM
kill -s TERM 0
exit "$status"
