// Lets a Linux binary that was built against glibc 2.38 load on an older one. What keeps such a binary out is often
// only this: glibc 2.38's headers send strtol, strtoul and sscanf to new names, __isoc23_strtol and so on, which read
// binary literals as well. Where a binary does not rely on that, the plain names do the same.
//
// For each undefined dynamic symbol named __isoc23_NAME the edit lets its name begin at NAME, a suffix of the string that
// is there, asks for it in libc's first version, and marks the binary's need for GLIBC_2.38 as weak, so that the loader
// no longer refuses. No byte is added or moved. ELF64, little-endian.

const PREFIX = '__isoc23_';
const NEWER = 'GLIBC_2.38';
const LIBC = 'libc.so.6';

/** The version that a machine's oldest libc symbols carry, by the ELF header's e_machine. */
const FIRST_VERSION = { 62: 'GLIBC_2.2.5', 183: 'GLIBC_2.17' };

const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const SHT_DYNSYM = 11;
const VER_FLG_WEAK = 2;

/** Edits the bytes in place and returns the names of the symbols it moved: none when there was nothing to do. */
export function lowerGlibc(bytes) {
  if (bytes.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('not a little-endian ELF64 file');
  const sections = sectionsOf(bytes);
  const symbols = sectionOfType(sections, SHT_DYNSYM);
  const strings = sections[symbols.link];
  const versions = sectionOfType(sections, SHT_GNU_VERSYM);
  const needs = neededVersions(bytes, sections, sectionOfType(sections, SHT_GNU_VERNEED));

  const moved = [];
  for (let at = symbols.offset, index = 0; at < symbols.offset + symbols.size; at += 24, index += 1) {
    const nameAt = bytes.readUInt32LE(at);
    const isUndefined = bytes.readUInt16LE(at + 6) === 0;
    const name = stringAt(bytes, strings.offset + nameAt);
    if (!isUndefined || !name.startsWith(PREFIX)) continue;
    const first = needs.find((need) => need.version === FIRST_VERSION[bytes.readUInt16LE(18)]);
    if (!first) throw new Error(`it needs no symbol of libc's first version, so ${name} can't ask for that`);
    bytes.writeUInt32LE(nameAt + PREFIX.length, at);
    bytes.writeUInt16LE(first.index, versions.offset + index * 2);
    moved.push(name.slice(PREFIX.length));
  }
  const newer = needs.find((need) => need.version === NEWER);
  if (moved.length > 0 && newer) {
    const left = symbolsOfVersion(bytes, versions, newer.index);
    if (left > 0) throw new Error(`it needs ${left} more symbols of ${NEWER}`);
    bytes.writeUInt16LE(bytes.readUInt16LE(newer.flagsAt) | VER_FLG_WEAK, newer.flagsAt);
  }
  return moved;
}

function sectionsOf(bytes) {
  const table = Number(bytes.readBigUInt64LE(0x28));
  const [entrySize, count] = [bytes.readUInt16LE(0x3a), bytes.readUInt16LE(0x3c)];
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
  });
}

function sectionOfType(sections, type) {
  const section = sections.find((candidate) => candidate.type === type);
  if (!section) throw new Error(`it has no section of type 0x${type.toString(16)}`);
  return section;
}

/** The versions it needs of libc: Elf64_Verneed records, each with a chain of Elf64_Vernaux. */
function neededVersions(bytes, sections, section) {
  const strings = sections[section.link].offset;
  const needs = [];
  for (let file = 0, at = section.offset; file < section.info; file += 1, at += bytes.readUInt32LE(at + 12)) {
    if (stringAt(bytes, strings + bytes.readUInt32LE(at + 4)) !== LIBC) continue;
    let entry = at + bytes.readUInt32LE(at + 8);
    for (let left = bytes.readUInt16LE(at + 2); left > 0; left -= 1, entry += bytes.readUInt32LE(entry + 12)) {
      const version = stringAt(bytes, strings + bytes.readUInt32LE(entry + 8));
      needs.push({ version, flagsAt: entry + 4, index: bytes.readUInt16LE(entry + 6) });
    }
  }
  return needs;
}

function symbolsOfVersion(bytes, versions, index) {
  let count = 0;
  for (let at = versions.offset; at < versions.offset + versions.size; at += 2) {
    if ((bytes.readUInt16LE(at) & 0x7fff) === index) count += 1;
  }
  return count;
}

function stringAt(bytes, at) {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}
