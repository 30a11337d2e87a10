"""Ministack, with what this project's template needs beside it. Each module here fills gaps of ministack,
and names the gap; a newer ministack that has closed one lets its lines go.

It runs in a network of its own with nothing but loopback (.ci/deploy), so no call can leave it.
"""

import sys

from ministack import app

import codedeploy
import corrections
import database
import resources

for module in (resources, corrections, codedeploy, database):
    module.install()
sys.argv = ["ministack"]  # it reads arguments of its own
app.main()
