/**
 * Where postal addresses stand in a text, for hiding them once a finding says that somebody gives theirs: on their own they are no
 * finding, because forms, maps and invoices are full of them.
 */

const NUMBER = String.raw`\d{1,5}\s?(?:[a-zA-Z]\b)?(?:\s?[-–/]\s?\d{1,5})?`;
const NAME = String.raw`\p{L}[\p{L}\p{M}'’.-]{0,40}`;
const NAMES = String.raw`(?:${NAME}\s){0,4}${NAME}`;
const REST = String.raw`(?:,?\s(?:apt|apartment|suite|unit|flat|floor|piso|кв)\.?\s?[\w-]{1,6}|,\s?\d{1,2}\s?º\s?\p{L}?)?`;
/** A postcode and a town, either way round, behind the street. */
const TOWN = String.raw`(?:,?\s{0,2}(?:\d{4,6}(?:-\d{3,4})?\s${NAME}(?:\s\p{Lu}${NAME}){0,2}|${NAME}(?:\s\p{Lu}${NAME}){0,2},?\s(?:\p{Lu}{2}\s)?\d{4,6}(?:-\d{3,4})?))?`;

const BEHIND = 'street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|terrace|crescent|close';
const JOINED = 'straße|strasse|str\\.|weg|platz|allee|gasse|damm|ufer|chaussee|stieg|straat|laan|gatan|vej';
const BEFORE =
  'rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai|calle|c/|avenida|av\\.?|plaza|paseo|carrer|rua|travessa|praça|via|viale|piazza|corso|ul\\.|ulica|aleja|ул\\.?|улица|вул\\.?|вулиця|проспект|просп\\.?|пр\\.|jalan|jl\\.';

const STREETS = new RegExp(
  [
    // 221 Maple Street, Springfield, IL 62704
    String.raw`(?<!\d)${NUMBER}\s(?:${NAME}\s){1,4}(?:${BEHIND})\b\.?`,
    // Lindenstraße 48, Große Straße 3
    String.raw`(?:${NAME}\s)?\p{L}{0,40}(?:${JOINED})\s${NUMBER}`,
    // 14 rue de Rivoli
    String.raw`(?<!\d)${NUMBER},?\s(?:${BEFORE})\s${NAMES}`,
    // Calle Mayor 15; ул. Ленина, д. 5
    String.raw`(?<!\p{L})(?:${BEFORE})\s?(?:${NAME}\s){0,3}${NAME},?\s(?:n[º°.]?\s?|д\.\s?|дом\s|буд\.\s?|no\.?\s?)?${NUMBER}`,
  ]
    .map((street) => `(?:${street})${REST}${TOWN}`)
    .join('|'),
  'giu',
);

/** In UTF-16 units, in order. */
export const streetsIn = (text: string): { start: number; end: number }[] =>
  [...text.matchAll(STREETS)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
