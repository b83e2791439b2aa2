"""Drives a program in a pseudo terminal of 80 columns: python3 terminal.py ANSWERS PROGRAM WORDS...

ANSWERS has a line for each time that the program waits behind "> "; "^C" is the interrupt, and
"^KILL" ends it as a crash would. Prints what the terminal showed, and ends as the program did.
"""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios

answers = sys.argv[1].split("\n") if sys.argv[1] else []
child, terminal = pty.fork()
if child == 0:
    # The size is set before the program looks at it.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])

shown = since = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    shown += data
    since += data
    if b"> " in since and answers:
        answer = answers.pop(0)
        if answer == "^KILL":
            os.kill(child, signal.SIGKILL)
        else:
            os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
        since = b""
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
code = os.waitstatus_to_exitcode(status)
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
