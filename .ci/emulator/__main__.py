"""Ministack, and what this project's template needs beyond it. Each module here fills gaps of ministack and names
them. When a newer ministack closes a gap, delete its lines.

It runs in a network with loopback only (.ci/deploy), so no call can leave it.
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
