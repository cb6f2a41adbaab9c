"""A reader that never answers, nor reads its request."""

import time

time.sleep(60)
