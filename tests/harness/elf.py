# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an ELF file says about how hard it is to misuse, read from its own bytes."""

import struct

MAGIC = b'\x7fELF'
X86_64 = 62
SHARED = 3  # ET_DYN

# Kinds of segments.
LOAD, DYNAMIC, INTERPRETER, STACK, RELRO = 1, 2, 3, 0x6474e551, 0x6474e552
EXECUTABLE = 1

# Entries of the dynamic section.
END, STRTAB, SYMTAB, TEXTREL, RPATH = 0, 5, 6, 22, 15
RUNPATH, FLAGS, FLAGS_1, GNU_HASH = 29, 30, 0x6ffffffb, 0x6ffffef5
BIND_NOW, NOW, PIE = 8, 1, 0x08000000

SYMBOLS = 2  # a section
GLOBAL_FUNCTION = 0x12
LANDING = b'\xf3\x0f\x1e\xfa'  # endbr64
LIBC = {'_start', '_init', '_fini'}

# The compiler never leaves these as they are where it fortifies.
FORTIFIED = {'printf', 'fprintf', 'vprintf', 'vfprintf', 'sprintf', 'vsprintf', 'snprintf',
             'vsnprintf', 'dprintf', 'asprintf', 'vasprintf', 'syslog'}


class Elf:
    """A 64-bit little-endian ELF file that is linked."""

    def __init__(self, data):
        """Read headers and the dynamic section of DATA."""
        if data[:6] != MAGIC + b'\x02\x01':
            raise ValueError('not a 64-bit little-endian ELF file')
        self.data = data
        self.kind, self.machine = struct.unpack_from('<HH', data, 16)
        start, = struct.unpack_from('<Q', data, 32)
        size, number = struct.unpack_from('<HH', data, 54)
        # Kind, flags, offset, address, physical address, size in the file, size in memory.
        self.segments = [struct.unpack_from('<IIQQQQ', data, start + i * size)
                         for i in range(number)]
        self.dynamic = dict(self.entries())

    def segment(self, kind):
        """The first segment of a KIND, or None."""
        return next((each for each in self.segments if each[0] == kind), None)

    def entries(self):
        """The entries of the dynamic section."""
        _kind, _flags, offset, _address, _physical, size = self.segment(DYNAMIC) or (0,) * 6
        for at in range(offset, offset + size, 16):
            tag, value = struct.unpack_from('<QQ', self.data, at)
            if tag == END:
                return
            yield tag, value

    def offset(self, address):
        """Where in the file what is at an ADDRESS stands."""
        for kind, _flags, offset, start, _physical, size in self.segments:
            if kind == LOAD and start <= address < start + size:
                return address - start + offset
        raise ValueError(f'{address:#x} is in no segment')

    def imports(self):
        """Names of the functions and data that others have to provide."""
        symbols = self.offset(self.dynamic[SYMTAB])
        strings = self.offset(self.dynamic[STRTAB])
        found = set()
        # Linkers put the names right behind the symbols.
        for at in range(symbols, strings - 23, 24):
            name, _info, _other, section = struct.unpack_from('<IBBH', self.data, at)
            if name and section == 0:
                end = self.data.index(b'\0', strings + name)
                found.add(self.data[strings + name:end].decode('ascii'))
        return found

    def functions(self):
        """The functions that it defines for all of itself: (name, where its code is in the file)."""
        start, = struct.unpack_from('<Q', self.data, 40)
        size, number = struct.unpack_from('<HH', self.data, 58)
        sections = [struct.unpack_from('<IIQQQQII', self.data, start + i * size)
                    for i in range(number)]
        for _name, kind, _flags, _address, offset, length, link, _info in sections:
            for at in range(offset, offset + length, 24) if kind == SYMBOLS else ():
                name, info, _other, section, value = struct.unpack_from('<IBBHQ', self.data, at)
                if info == GLOBAL_FUNCTION and section:
                    text = sections[link][4] + name
                    end = self.data.index(b'\0', text)
                    yield self.data[text:end].decode('ascii'), self.offset(value)

    def is_landed_on(self):
        """Whether every function begins with the mark of a place to which a call may lead.

        The linker tells of that only where libc's own first lines have it too.
        """
        return all(self.data.startswith(LANDING, at) for name, at in self.functions()
                   if name not in LIBC)

    def has_functions(self):
        """Whether it defines any for all of itself; a small module may have one variable to offer."""
        return any(name not in LIBC for name, _at in self.functions())


def weaknesses(data):
    """What a linked program or library lacks, as a list of words."""
    elf = Elf(data)
    imports = elf.imports()
    flags, flags_1 = elf.dynamic.get(FLAGS, 0), elf.dynamic.get(FLAGS_1, 0)
    stack = elf.segment(STACK)
    is_program = any(kind == INTERPRETER for kind, *_rest in elf.segments)
    found = {
        'not position-independent': elf.kind != SHARED or (is_program and not flags_1 & PIE),
        'no read-only relocations': not elf.segment(RELRO),
        'relocated lazily': not flags & BIND_NOW and not flags_1 & NOW,
        'relocations in the code': TEXTREL in elf.dynamic,
        'executable stack': stack is None or bool(stack[1] & EXECUTABLE),
        'a path of its own to libraries': RPATH in elf.dynamic or RUNPATH in elf.dynamic,
        'no guarded stack': elf.has_functions() and '__stack_chk_fail' not in imports,
        'not fortified': bool(imports & FORTIFIED),
        'no control-flow protection': elf.machine == X86_64 and not elf.is_landed_on(),
    }
    return [words for words, is_weak in found.items() if is_weak]
