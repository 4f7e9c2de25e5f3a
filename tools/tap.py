# SPDX-License-Identifier: MIT
"""Prints flat TAP, which Meson reads: one line for each case, and below it what went wrong."""
import sys


class Tap:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.count = self.failed = 0

    def case(self, name, problems=(), skip=None):
        """Prints one case, which has passed if there are no problems. Each problem is a string."""
        problems = list(problems)
        self.count += 1
        self.failed += bool(problems)
        print('%sok %d - %s%s' % ('not ' if problems else '', self.count, name.replace('#', ''),
                                  ' # SKIP ' + skip if skip else ''), file=self.out)
        for problem in problems[:20]:
            for line in problem.rstrip().split('\n'):
                print('# ' + line, file=self.out)
        if len(problems) > 20:
            print('# and %d more' % (len(problems) - 20), file=self.out)
        self.out.flush()

    def note(self, text):
        for line in text.rstrip().split('\n'):
            print('# ' + line, file=self.out)

    def done(self):
        """Prints the plan and ends the program. The exit status is 0 whatever the cases say,
        because Meson takes another one to mean that the test program itself broke."""
        print('1..%d' % self.count, file=self.out)
        self.out.flush()
        return 0
