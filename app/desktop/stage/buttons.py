# Prints the names of the buttons of Portolan's page, one a line, as soon as there is one.
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi


def buttons(node):
    try:
        if node.get_role_name() in ("button", "push button") and node.get_name():
            yield node.get_name()
        for i in range(node.get_child_count()):
            yield from buttons(node.get_child_at_index(i))
    except Exception:  # a node that has gone meanwhile
        return


Atspi.init()
for _ in range(60):
    desk = Atspi.get_desktop(0)
    for i in range(desk.get_child_count()):
        app = desk.get_child_at_index(i)
        if app and app.get_name() == "portolan-desktop":
            found = list(buttons(app))
            if found:
                print("\n".join(found))
                sys.exit()
    time.sleep(0.25)
sys.exit("there is no button")
