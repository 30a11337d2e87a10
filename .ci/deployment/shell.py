"""The operator's shell: commands are pasted into it, one after the other."""

import subprocess
import sys


class Shell:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def tries(self, command, typed=""):
        """What a command prints, and how it ends. `typed` is what a person then types."""
        self.process.stdin.write(f'{command}\n{typed}ended=$?; echo; echo "ended: $ended"\n')
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith("ended: "):
                return "".join(lines).strip(), int(line.split()[1])
            lines.append(line)
        sys.exit(f"the shell ended after {command}\n{''.join(lines)}")

    def runs(self, command, typed=""):
        """The same for a command that must succeed."""
        answer, status = self.tries(command, typed)
        if status:
            sys.exit(f"{command}\nended with {status}:\n{answer}")
        return answer

    def ends(self):
        self.process.stdin.close()
        self.process.wait()
