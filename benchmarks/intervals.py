"""Print how many times faster than its peers every interval is: python benchmarks/intervals.py.

A word after the command keeps the rows that contain it.
"""

import sys

import intervals_at_100
import intervals_one_sample
import intervals_two_sample
from _timing import print_ratios, print_versions

MODULES = [intervals_one_sample, intervals_two_sample, intervals_at_100]

if __name__ == "__main__":
    print_versions("numpy", "scipy", "statsmodels", "astropy")
    cases = [case for module in MODULES for case in module.cases()]
    wanted = [case for case in cases if all(word in case.question for word in sys.argv[1:])]
    sys.exit(not print_ratios(wanted))
