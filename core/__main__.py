"""python -m pairforge"""

from pairforge.cli import main

main()
