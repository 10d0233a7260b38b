# Reads Portolan's page as a screen reader does. The argument is a path as JSON, [[role, name], ...], where a name is a
# pattern for the whole of it. It prints of the first node that shows at the end of that path, once it stays as it is:
# where it is on the screen, and its text, as JSON. It fails where none is there.
import json
import re
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib


def below(node):
    for i in range(node.get_child_count()):
        if child := node.get_child_at_index(i):
            yield child


def matches(node, role, name):
    # What WebKit calls a push button is a button in newer versions of AT-SPI.
    return node.get_role_name().removeprefix("push ") == role and re.fullmatch(name, node.get_name() or "", re.S)


def find(node, path):
    for child in below(node):
        rest = path
        if matches(child, *path[0]):
            if len(path) == 1 and child.get_state_set().contains(Atspi.StateType.SHOWING):
                return child
            rest = path[1:] or path
        if found := find(child, rest):
            return found
    return None


def seen(path):
    for app in below(Atspi.get_desktop(0)):
        if app.get_name() != "portolan-desktop":
            continue
        app.clear_cache()
        if node := find(app, path):
            at = node.get_extents(Atspi.CoordType.SCREEN)
            text = Atspi.Text.get_text(node, 0, -1) if "Text" in node.get_interfaces() else ""
            return {"x": at.x, "y": at.y, "width": at.width, "height": at.height, "text": text}
    return None


Atspi.init()
last = None
for _ in range(20):
    try:
        now = seen(json.loads(sys.argv[1]))
    except GLib.GError:  # a node has gone meanwhile
        now = None
    if now and now == last:
        print(json.dumps(now))
        sys.exit()
    last = now
    time.sleep(0.05)
sys.exit(1)
