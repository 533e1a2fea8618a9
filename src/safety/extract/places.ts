/** Street addresses as they are written: a number and the word for a street, with what belongs to it. */
import { lexicon } from '../lexicon/index.ts';
import { startsOf } from '../lexicon/lexicon.ts';
import { type Token, type Tokens, tokenOf } from '../text/tokens.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const STREET = lexicon.idOf('STREET');
const about = nearby('HOME', 'VISIT', 'ADDRESS_WORD', 'MEET_UP', 'WHERE_LIVE', 'SEND_TO', 'I_AM');
const technical = nearby('TECH', 'FICTION', 'ADDRESS_TECH', 'REFERENCE');

const STRONG = new Set(
  'street road avenue boulevard calle avenida rue chemin straße strasse str platz rua travessa ulica ul улица улице ул вулиця вулиці вул проспект brgy barangay via viale piazza mahallesi caddesi sokak jalan jl nagar marg подъезд квартира apartment flat'
    .split(' ')
    .map((word) => word.replaceAll('ß', 'ss')),
);

export const findPlaces = (reading: Reading): Hit[] => {
  const { tokens, found } = reading;
  const hits: Hit[] = [];
  let streets = 0;
  const near = startsOf(found, STREET);
  for (const [at, index] of near.entries()) {
    const token = tokenOf(tokens, index) as Token;
    const isStrong = STRONG.has(token.text);
    const number = numberBeside(tokens, index);
    if (number === undefined) continue;
    streets += 1;
    const others = near.filter((other, place) => place !== at && Math.abs(other - index) < 10).length;
    const context = about(reading, token.start, token.end, 12);
    if (technical(reading, token.start, token.end, 8)) continue;
    if (isStrong && (context || others > 0))
      hits.push({
        category: 'address',
        rule: 'address.street',
        confidence: context ? 0.85 : 0.65,
        start: Math.min(token.start, number.start),
        end: Math.max(token.end, number.end),
      });
    else if (others > 0 && context)
      hits.push({
        category: 'address',
        rule: 'address.street',
        confidence: 0.7,
        start: Math.min(token.start, number.start),
        end: Math.max(token.end, number.end),
      });
    if (streets > 20) break;
  }
  return hits;
};

/** "12 Birch Lane", "Calle Mayor 4": a house number within four words. */
const numberBeside = (tokens: Tokens, index: number): Token | undefined => {
  const here = tokens.positions[index] as number;
  for (let other = Math.max(0, index - 4); other < Math.min(tokens.starts.length, index + 5); other += 1) {
    const token = tokenOf(tokens, other) as Token;
    if (other === index || Math.abs(token.position - here) > 7) continue;
    if ((token.numeric && token.text.length <= 4) || /^\d{1,4}[a-z]$/u.test(token.text)) return token;
  }
  return undefined;
};
