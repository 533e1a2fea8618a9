/** The hash slot of a key as Redis Cluster computes it: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16,384. */
export const slotOf = (key: string): number => {
  const tag = /\{(?<tag>[^}]+)\}/.exec(key)?.groups?.tag;
  return crc16(tag ?? key) % 16_384;
};

export const crc16 = (text: string): number => {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
};
