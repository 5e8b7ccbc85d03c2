# gdb: prints items as SQL literals, and statuses by their message.
#
#   (gdb) source tests/kit/gdb.py
#   (gdb) print row.key
#   $1 = 'song 1'

import struct

import gdb
import gdb.printing


def literal(kind, data):
    if kind == 1:
        return str(struct.unpack('<q', data)[0])
    if kind == 2:
        return repr(struct.unpack('<d', data)[0])
    if kind == 3:
        return "'" + data.decode('utf-8', 'backslashreplace').replace("'", "''") + "'"
    if kind == 4:
        return "x'" + data.hex() + "'"
    return 'an item of no type'


def bytes_at(pointer, size):
    return gdb.selected_inferior().read_memory(int(pointer), size).tobytes() if size else b''


class ItemPrinter:
    """topk::item, whose bytes are inline up to item::inline_capacity."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        packed = int(self.value['packed_'])
        size, kind = packed >> 2, (packed & 3) + 1 if packed else 0
        small = self.value['small_']
        where = small.address
        if size > small.type.sizeof:
            where = gdb.lookup_type('char').pointer().pointer()
            where = (small.address.cast(gdb.lookup_type('char').pointer()) + 4).cast(where).dereference()
        return literal(kind, bytes_at(where, size))


class ItemViewPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        view = self.value['bytes']
        data = bytes_at(view['_M_str'], int(view['_M_len']))
        return literal(int(self.value['type']), data)


class StatusPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if int(self.value['code']) == 0:
            return 'ok'
        return '{}: {}'.format(self.value['code'], self.value['message'])


printers = gdb.printing.RegexpCollectionPrettyPrinter('topk')
printers.add_printer('item', '^topk::item$', ItemPrinter)
printers.add_printer('item_view', '^topk::item_view$', ItemViewPrinter)
printers.add_printer('status', '^topk::status$', StatusPrinter)
gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
