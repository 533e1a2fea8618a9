/** Characters that look like Latin letters and are not, for words that mix alphabets, and marks that stand for digits or signs. */

const pairs = (table: string): Map<number, number> =>
  new Map(table.split(' ').map((pair) => [pair.codePointAt(0) as number, pair.charCodeAt(pair.length - 1)]));

/** Cyrillic and Greek letters by their Latin double. Used only in a word that also has Latin letters. */
export const LATIN_DOUBLES = pairs(
  'аa еe оo рp сc уy хx іi јj ѕs кk мm тt вb нh ьb зz ԁd ԛq ԝw ӏl гr пn иu лn бb ғf үy ё' +
    'e ґr α' +
    'a βb εe ηn ιi κk νv οo ρp τt υu χx ωw σo γy μu δd λl'
);

/** The other way about. */
export const CYRILLIC_DOUBLES = new Map([...'aаeеoоpрcсyуxхiіkкmмtтbвhнrгnпuи'].map((letter, index, all) => (index % 2 === 0 ? [letter.charCodeAt(0), (all[index + 1] as string).charCodeAt(0)] : [0, 0]) as [number, number]));

/** Letters and signs that compatibility decomposition leaves as they are. */
export const LETTER_FORMS = new Map<number, string>(
  Object.entries({
    ᴀ: 'a', ʙ: 'b', ᴄ: 'c', ᴅ: 'd', ᴇ: 'e', ꜰ: 'f', ɢ: 'g', ʜ: 'h', ɪ: 'i', ᴊ: 'j', ᴋ: 'k', ʟ: 'l', ᴍ: 'm', ɴ: 'n', ᴏ: 'o', ᴘ: 'p',
    ʀ: 'r', ꜱ: 's', ᴛ: 't', ᴜ: 'u', ᴠ: 'v', ᴡ: 'w', ʏ: 'y', ᴢ: 'z', ı: 'i', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', æ: 'ae', œ: 'oe', ß: 'ss',
    ɑ: 'a', ɡ: 'g', ɩ: 'i', ƅ: 'b', ʟ̣: 'l', ꓐ: 'b', ꓑ: 'p', ꓓ: 'd', ꓖ: 'g', ꓗ: 'k', ꓚ: 'c', ꓟ: 'm', ꓠ: 'n', ꓡ: 'l', ꓢ: 's', ꓣ: 'r',
    ꓤ: 'r', ꓦ: 'v', ꓧ: 'h', ꓬ: 'y', ꓮ: 'a', ꓰ: 'e', ꓲ: 'i', ꓳ: 'o', ꓴ: 'u', ꓫ: 'x', ꓪ: 'w', ꓔ: 't', ꓙ: 'j', ꓝ: 'f', ꓜ: 'z',
    'ʼ': "'", '’': "'", '‘': "'", '`': "'", '´': "'", '“': '"', '”': '"', '«': '"', '»': '"', '–': '-', '—': '-', '−': '-', '‐': '-', '‑': '-',
    '‒': '-', '―': '-', '⁃': '-', '﹘': '-', '·': '.', '•': '.', '∙': '.', '・': '.', '。': '.', '｡': '.', '․': '.', '⋅': '.', '٫': ',', '⁄': '/',
    '∕': '/', '।': '.', '＠': '@', '﹫': '@', 'ⓐ': 'a', '🄰': 'a', '➀': '1', '➁': '2', '➂': '3', '➃': '4', '➄': '5', '➅': '6', '➆': '7', '➇': '8',
    '➈': '9', '➊': '1', '➋': '2', '➌': '3', '➍': '4', '➎': '5', '➏': '6', '➐': '7', '➑': '8', '➒': '9', '❶': '1', '❷': '2', '❸': '3', '❹': '4',
    '❺': '5', '❻': '6', '❼': '7', '❽': '8', '❾': '9', '⓿': '0', '🄌': '0', '⓵': '1', '⓶': '2', '⓷': '3', '⓸': '4', '⓹': '5', '⓺': '6', '⓻': '7',
    '⓼': '8', '⓽': '9', '🅾': 'o', '🅰': 'a', '🅱': 'b', '🆎': 'ab', '🅿': 'p', '〇': '0', '零': '0', '一': '1', '二': '2', '三': '3', '四': '4',
    '五': '5', '六': '6', '七': '7', '八': '8', '九': '9',
  }).map(([character, plain]) => [character.codePointAt(0) as number, plain]),
);
