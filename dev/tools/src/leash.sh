# The watchdog of one process, and its parent. Runs under any POSIX shell.
#
# Its standard input is a pipe whose other end only our program holds. The kernel closes that
# end however our program ends, SIGKILL included, and then this ends the process.
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
    # A line means "end it"; the end of the pipe means that nobody is left to tidy up.
    read -r _ <&3 || abandoned=yes
    # From here on the main part below must not end this one with the rest of the group.
    trap : TERM
    kill -s "$signal" "$child"
    # A stopped process would take the signal only when somebody wakes it.
    kill -s CONT "$child"
    while [ "$grace" -gt 0 ] && kill -0 "$child"; do
        sleep 1
        grace=$((grace - 1))
    done
    kill -s KILL "$child"
    [ -z "$abandoned" ] || [ -z "$litter" ] || rm -rf "$litter"
) &

# A signal for the whole group is not for us: we leave when the process has left.
trap : HUP INT TERM
while :; do
    wait "$child"
    status=$?
    kill -0 "$child" || break
done
# Whatever the process left behind in its group.
trap '' TERM
kill -s TERM 0
exit "$status"
