import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOSTILE } from '../../loadtest/guard-bench.ts';
import { MAX_BODY_LENGTH } from '../../protocol/index.ts';
import { gather } from './gather.ts';
import { inspect } from './guard.ts';
import type { Category, Finding, Span } from './verdict.ts';

const found = (...messages: string[]): Finding[] =>
  inspect({ text: messages.at(-1) as string, earlier: messages.slice(0, -1) }).findings;
const categories = (...messages: string[]): Category[] => found(...messages).map(({ category }) => category);
const cut = (text: string, finding: Finding | undefined): string => {
  const span = finding?.spans.find(({ message }) => message === null);
  return span === undefined ? '' : text.slice(span.start, span.end);
};

describe('the verdict', () => {
  test('[GU1] a finding has its place in the text as it was written, in UTF-16 units', () => {
    const text = '😀 Grüße! Schreib an ｐｅｎｎａ．ｗｏｌｋ＠ｗｅｂ．ｄｅ, ja?';
    const [finding] = inspect({ text }).findings.filter(({ category }) => category === 'email');
    expect(cut(text, finding)).toBe('ｐｅｎｎａ．ｗｏｌｋ＠ｗｅｂ．ｄｅ');
    expect(finding?.rule).toBe('email.address');
    expect(finding?.confidence).toBeGreaterThan(0.9);
  });

  test('[GU1] characters that nobody sees belong to the span that they are in', () => {
    const hidden = [...'quill.sander@gmail.com'].join('\u200b');
    const text = `The raw files: ${hidden} thanks`;
    expect(
      cut(
        text,
        found(text).find(({ category }) => category === 'email'),
      ),
    ).toBe(hidden);
  });

  test('[GU14] any text gives the same verdict twice, with spans inside the text', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('@', '.com ', 'whatsapp ', '0171 ', '\ud800', '\u200b', 'five ', ' dot ', '"', '\n', 'aGVsbG8g', '%40'),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.array(pieces, { maxLength: 5 }), (parts, earlier) => {
        const text = parts.join('');
        const verdict = inspect({ text, earlier });
        expect(inspect({ text, earlier })).toEqual(verdict);
        for (const { spans, confidence } of verdict.findings) {
          expect(confidence).toBeGreaterThanOrEqual(0.5);
          expect(confidence).toBeLessThanOrEqual(1);
          expect(spans.some(({ message }) => message === null)).toBe(true);
          for (const { message, start, end } of spans) {
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual((message === null ? text : (earlier[message] as string)).length);
          }
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('[GU15] no input as long as a message or a check takes longer than it should, and the time grows with the length', {
    timeout: 30_000,
  }, () => {
    // The best of many runs, because the machine has other work too.
    const best = (text: string): number => {
      let least = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 15; run += 1) {
        const began = performance.now();
        inspect({ text });
        least = Math.min(least, performance.now() - began);
      }
      return least;
    };
    for (const [name, of] of Object.entries(HOSTILE)) {
      best(of(MAX_BODY_LENGTH / 4));
      const quarter = best(of(MAX_BODY_LENGTH / 4));
      const whole = best(of(MAX_BODY_LENGTH));
      expect(whole, name).toBeLessThan(15);
      // What is quadratic takes sixteen times as long.
      expect(whole, name).toBeLessThan(Math.max(2.25, quarter * 11));
    }
    for (const [name, of] of Object.entries(HOSTILE)) expect(best(of(20_000)), name).toBeLessThan(100);
    expect(best('\u200b'.repeat(10_000))).toBeLessThan(40);
    expect(best('x'.repeat(1_000_000))).toBeLessThan(200);
  });
});

describe('what is shared', () => {
  const WORK = [
    'I have read the brief and the three drawings, and the roof of the annex is where I would begin.',
    'The rafters of the first bay are two centimetres short in section B, which the older sheet has right.',
    'For the dormers I need to know whether the tiles stay, because the battens depend on it.',
    'The second sheet names a timber class that is not sold any more; the next better one costs four percent more.',
    'If that suits you, the model is done by Thursday and the sheets by the end of the week after.',
    'I can show the model in the call here, and you say which of the two ridges you like.',
  ];
  test.each([
    'My number is 020 7946 0142, ring me tonight.',
    'Write to odalys.crewe@fastmail.com and I send the rest.',
    'Add me on Telegram, @odalys_draws.',
  ])('[GU24] in the middle of a long message: %s', (said) => {
    expect(found(WORK.join(' '))).toEqual([]);
    for (let place = 0; place <= WORK.length; place += 1) {
      const text = WORK.toSpliced(place, 0, said).join(' ');
      const findings = found(text);
      expect(findings.length, `behind ${place} sentences`).toBeGreaterThan(0);
      for (const finding of findings) expect(said, `behind ${place} sentences`).toContain(cut(text, finding));
    }
  });

  test.each([
    ['digits', '7 '],
    ['letters', 'x '],
    ['signs', '$ % + '],
    ['names of a letter', '@a'],
    ['figures in signs', '7+%'],
  ])('[GU25] among %s without meaning', (_, signs) => {
    const said = 'Before we go on, what is the fastest way to reach you when this page is closed?';
    expect(found(said).map(({ rule }) => rule)).toEqual(['learned.words']);
    const inMessage = [0, 360, 1_440, 2_160, 2_880].map((before) => [before, 2_880] as const);
    const inSeveral = [0, 1_000, 4_000, 6_000, 7_800].map((before) => [before, 7_800] as const);
    for (const [before, length] of [...inMessage, ...inSeveral]) {
      const text = `${signs.repeat(before / signs.length)}\n${said}\n${signs.repeat((length - before) / signs.length)}`;
      const place = text.indexOf(said);
      const reached = found(text).flatMap(({ spans }) =>
        spans.filter(({ start, end }) => start < place + said.length && end > place),
      );
      expect(reached.length, `behind ${before} of ${length} units`).toBeGreaterThan(0);
    }
  });

  test.each<[Category, string]>([
    ['email', 'Send the drafts to odalys.crewe@fastmail.com and I look tonight.'],
    ['phone', 'My direct line is 020 7946 0142, mornings are best.'],
    ['phone', 'ring +1 202 555 0143 after lunch'],
    ['handle', 'Add me on Telegram, @odalys_draws.'],
    ['handle', 'Just open wa.me/12025550143 and say hello'],
    ['social', 'Follow my instagram @crewe.ceramics and write there'],
    ['link', 'Everything about us is on our website www.crewe-and-daughters.co.uk'],
    ['meeting_link', 'Take any slot at calendly.com/odalys-crewe/intro'],
    ['payment_offplatform', 'I would pay you by PayPal friends and family, so nobody takes a cut.'],
    ['address', 'Drop the parcel at my studio, 14 Turnstone Lane, second floor.'],
  ])('[GU2] %s: %s', (category, text) => {
    expect(categories(text)).toContain(category);
  });

  test.each<[Category, string]>([
    ['email', 'odalys (at) fastmail (dot) com'],
    ['email', 'write to o d a l y s @ f a s t m a i l . c o m'],
    ['email', 'backwards: moc.liamtsaf@ewerc.sylado'],
    ['email', `for a developer: ${Buffer.from('odalys.crewe@fastmail.com').toString('base64')}`],
    ['email', 'оdalys.crеwе@gmаil.com'],
    ['email', 'odalys [a] crewe-clay [d] net is watched by my sister'],
    ['email', 'o.d.a.l.y.s.@.c.r.e.w.e.c.l.a.y.n.e.t'],
    ['email', 'each letter one further on: pebmzt@hnbjm.dpn'],
    ['email', 'odalys,crewe,@,fastmail,com with other signs between'],
    ['phone', 'call ②⓪②⑤⑤⑤⓪①④③ any evening'],
    ['phone', 'call 2️⃣0️⃣2️⃣5️⃣5️⃣5️⃣0️⃣1️⃣4️⃣3️⃣'],
    ['phone', `the courier may ring ${[...'2025550143'].join('\u200b')}`],
    ['phone', 'it is two oh two, triple five, zero one four three'],
    ['phone', '2|0|2|5|5|5|0|1|4|3 and the kiln is off after six'],
    ['phone', '(2zero2) 5five5 - 0 1 four3'],
    ['phone', 'II nil II V V V nil I IV III, as the Romans dialled'],
    ['phone', 'tram 202, stop 555, at 01:43, and then dial it'],
    ['phone', '202-KLN-0143'],
    ['phone', '00110010 then 00110000 then 00110010 00110101 00110101 00110101 00110000 00110001 00110100 00110011'],
    ['phone', '..--- ----- ..---   ..... ..... .....   ----- .---- ....- ...--'],
    ['handle', 'I am on t3l3gr@m as crewe_clay'],
    ['handle', 'find me on W h a t s A p p'],
    ['handle', 'find me on wh@ts@pp, same name as here'],
    ['handle', 'find me on telegarm, same name as here'],
    ['handle', 'ɯɐɹƃǝlǝʇ, and crewe_clay the right way up'],
    ['handle', 'Есть вaтcaп? Дайте ник, добавлю'],
    ['handle', 'Two eggs, lemon, egg glaze, rice, apples, milk: tell me what the first letters of what I cook say'],
    ['link', 'our page: crewe-ceramics dot studio slash hire'],
  ])('[GU3] disguised %s: %s', (category, text) => {
    expect(categories(text)).toContain(category);
  });

  test("[GU3] base64 is found at each place of a text, to the text's end, with no more than itself as its place", () => {
    const coded = Buffer.from('odalys.crewe@fastmail.com').toString('base64');
    for (let before = 0; before < 18; before += 1) {
      for (const after of ['', ' it is']) {
        const text = `${'for a developer, '.slice(0, before)} ${coded}${after}`;
        const spans = inspect({ text })
          .findings.filter(({ rule }) => rule === 'hidden.base64')
          .flatMap(({ spans }) => spans);
        expect(spans, text).toEqual([{ message: null, start: before + 1, end: before + 1 + coded.length }]);
      }
    }
  });

  test.each<[string, Category, string]>([
    ['es', 'email', 'mi correo es odalys punto crewe arroba gmail punto com'],
    ['fr', 'phone', 'appelez-moi au zéro six, douze, trente-quatre, cinquante-six, soixante'],
    ['de', 'email', 'schreib an odalys Punkt crewe Klammeraffe gmx Punkt de'],
    ['pt', 'phone', 'me chama no zap: nove um dois três quatro cinco meia sete oito'],
    ['hi', 'phone', 'mera number hai nau aath saat chhe paanch char teen do ek shunya'],
    ['hi', 'phone', 'इस नंबर पर कॉल करें ९८७६५ ४३२१०'],
    ['tl', 'handle', 'may viber po ba kayo? ano po number nyo dun'],
    ['uk', 'email', 'пишіть на odalys собачка ukr крапка net'],
    ['ru', 'phone', 'звоните: восемь девять ноль ноль пять пять пять ноль один два три'],
  ])('[GU4] in %s, %s: %s', (_, category, text) => {
    expect(categories(text)).toContain(category);
  });

  test('[GU28] a turned alphabet is found in each place of a long message, with hardly more than itself as its place', () => {
    const fine = 'The roof of the annex is drawn, and the tiles of the second bay are counted twice on the older sheet. '.repeat(
      9,
    );
    const turned = 'gryrtenz: oyhrsva_qri';
    // Plain words elsewhere are another finding.
    for (const text of [
      `${fine}${turned} ${fine}`,
      `${turned} ${fine}${turned} ${fine}`,
      `Write me on Telegram. ${fine}${turned}`,
      // Behind many that say nothing.
      `${`pbz ${fine.slice(0, 300)} `.repeat(8)}${turned}`,
    ]) {
      const places = inspect({ text })
        .findings.filter(({ rule }) => rule === 'hidden.rot13')
        .flatMap(({ spans }) => spans);
      expect(places).toHaveLength(text.split(turned).length - 1);
      for (const { start, end } of places) {
        expect(text.slice(start, end)).toContain(turned);
        expect(end - start).toBeLessThan(turned.length + 400);
      }
    }
  });

  test('[GU5] a number in pieces is found when its last piece comes, with the span of each piece', () => {
    const messages = ['my cell starts 202', '555', 'and ends 0143'];
    const finding = found(...messages).find(({ category }) => category === 'phone');
    expect(finding?.spans.map(({ message }) => message)).toEqual([0, 1, null]);
  });

  test('[GU5] an address in pieces is found, and base64 in halves', () => {
    expect(categories('odalys.crewe', '@', 'gmail', '.com')).toContain('email');
    const coded = Buffer.from('odalys.crewe@gmail.com').toString('base64');
    expect(categories(`first ${coded.slice(0, 16)}`, `then ${coded.slice(16)}`)).toContain('email');
  });

  test('[GU8] who counts from message to message gives no number', () => {
    const counted = Array.from({ length: 12 }, (_, index) => `Slide ${index + 1}`);
    expect(categories(...counted)).toEqual([]);
  });

  test('[GU5] what an earlier message held alone is not found again', () => {
    expect(categories('Mail odalys.crewe@fastmail.com', 'The logo is ready.')).toEqual([]);
  });
});

describe('what is longer than a message', () => {
  const FINE =
    'The second sheet names a timber class that is not sold any more, and the next better one is four percent dearer. ';
  const LONGEST = 20_000;
  const behind = (units: number, said: string): string => `${FINE.repeat(Math.floor(units / FINE.length))}${said} `;

  test('[GU26] of a text of up to 20,000 units all is read, and each finding has its place in the whole', () => {
    const said = 'Write to odalys.crewe@fastmail.com and I send the rest.';
    for (const place of [0, 2_950, 8_000, 19_800]) {
      const text = (behind(place, said) + FINE.repeat(200)).slice(0, LONGEST);
      const found = inspect({ text, earlier: ['Good morning.'] }).findings.filter(({ rule }) => rule === 'email.address');
      expect(
        found.map((finding) => [finding.spans[0]?.message, cut(text, finding)]),
        `behind ${place} units`,
      ).toEqual([[null, 'odalys.crewe@fastmail.com']]);
    }
    expect(inspect({ text: FINE.repeat(200).slice(0, LONGEST) }).findings).toEqual([]);
  });

  test('[GU26] what stands in several parts of it is one finding with all its places', () => {
    const text = behind(2_000, 'Mail odalys.crewe@fastmail.com.') + behind(6_000, 'Or odalys@crewe-ceramics.com.');
    const [finding, ...others] = inspect({ text }).findings.filter(({ rule }) => rule === 'email.address');
    expect(others).toEqual([]);
    expect(finding?.spans.map(({ start, end }) => text.slice(start, end))).toEqual([
      'odalys.crewe@fastmail.com',
      'odalys@crewe-ceramics.com',
    ]);
  });

  test('[GU27] what is begun at the end of a long message and completed by the next is found, with the span of each', () => {
    const earlier = [`${behind(2_800, 'My number is')}020 7946`];
    const text = '0142, ring me tonight';
    const finding = inspect({ text, earlier }).findings.find(({ rule }) => rule === 'phone.digits');
    const said = ({ message, start, end }: Span): string =>
      (message === null ? text : (earlier[message] as string)).slice(start, end);
    expect(finding?.spans.map(said)).toEqual(['020 7946', '0142']);
  });

  test('[GU27] beside a message of the longest the end of what was said before it is read', () => {
    const text = `0142, ring me tonight. ${FINE.repeat(40)}`.slice(0, 3_000);
    expect(categories(`${behind(1_500, 'My number is')}020 7946`, text)).toContain('phone');
  });
});

describe('what is asked and offered', () => {
  test.each<[Category, string]>([
    ['handle', 'What is your WhatsApp?'],
    ['email', 'Could you share your e-mail so that I can send the brief?'],
    ['phone', 'what number can I reach you on'],
    ['handle', '¿Me pasas tu Telegram?'],
    ['phone', 'Gib mir bitte deine Handynummer'],
    ['handle', 'Дайте ваш вайбер, пожалуйста'],
    ['move_offplatform', "Let's continue somewhere else, outside this platform"],
    ['move_offplatform', 'You know where to find me, just google my name'],
    ['move_offplatform', 'Shall we meet for coffee tomorrow and talk it over?'],
  ])('[GU6] without data, %s: %s', (category, text) => {
    expect(categories(text)).toContain(category);
  });

  test.each<[Category, string]>([
    ['payment_offplatform', 'If you pay me directly we both save the platform fee.'],
    ['payment_offplatform', 'Te pago por fuera y nos ahorramos la comisión'],
    ['payment_offplatform', 'Оплата напрямую, на карту, без комиссии'],
    ['reward', 'Hire me this week and there is a gift card waiting for you.'],
    ['reward', 'I will do the first month for free if you choose me.'],
    ['reward', 'What is in it for me personally if I pick your proposal?'],
    ['reward', 'Si me eliges te regalo una cena'],
  ])('[GU7] %s: %s', (category, text) => {
    expect(categories(text)).toContain(category);
  });

  test.each([
    'The rate is $40 an hour, and a bonus of 10% after the launch if it goes well.',
    'Once the contract is active we can swap phone numbers.',
    'Use the camera button here for the call, 4 pm works.',
    'Please pay through the milestone, I do not take payments outside.',
    "I don't share my WhatsApp before a contract, let's stay here.",
    'No gifts please, we choose by the portfolio.',
  ])('[GU7] is fine: %s', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('what is the work', () => {
  test.each([
    'The budget is 12,500 for 38 screens, due 2026-03-14 at 09:00.',
    'We run Node 24.1.0 and PostgreSQL 17.2 behind 10.0.12.7:8443.',
    'Order 100045521 and invoice INV-2026-00417 are missing their tracking number 6123456789.',
    "SELECT email, phone FROM users WHERE email LIKE '%@example.com';",
    'npm i @types/node@24 and import it in `src/app.config.ts`',
    'The WhatsApp Business API needs a template for the order status.',
    'I wrote a Telegram bot in Python that answers in three languages.',
    'I manage Instagram content for two bakeries, 12 posts a month.',
    'Validate the e-mail field with the HTML5 pattern and keep user@example.com as the placeholder.',
    'The ISBN is 978-0-306-40615-7 and the cover is 1748 x 2480 px.',
    'Zoom in on the handle of the cup, then cut.',
    "I'll address your comments on page 4 first.",
    'Die Versionen 3.12.1 bis 3.14.0 sind betroffen, Ticket 4471.',
    'Нужна интеграция с Telegram: бот пишет в канал, когда заказ готов.',
    'Conecta el formulario con Mailchimp y exporta los correos a CSV.',
  ])('[GU8] is not found: %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  test.each([
    'The setting is in https://docs.python.org/3/library/email.html',
    'Same bug as https://github.com/vitejs/vite/issues/1234',
    'Here is the prototype: https://www.figma.com/proto/abc123/checkout',
    'A clean layout like stripe.com, but warmer.',
  ])('[GU9] fine: %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  test.each([
    ['email', 'CV_Mira_Holt_mira.holt(at)gmail.com.docx'],
    ['phone', 'call-me-415-555-0142.pdf'],
    ['phone', 'Mira_whatsapp_+14155550123.pdf'],
  ])('[GU23] found in the name of a file: %s in %s', (category, text) => {
    expect(categories(text)).toContain(category);
  });

  test.each(['roof_truss_1200x800_rev3.dwg', 'IMG_20240312_145522.jpg', 'invoice-2024-000123.pdf', 'portfolio_v2.1_final.pdf'])(
    '[GU23] the name of a file that is fine: %s',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  test('[GU9] the same hosts are found where they make contact, and allowed hosts are not', () => {
    expect(categories('My email is in the readme of github.com/odalys/clay, write me there')).not.toEqual([]);
    const text = 'Upload it at our website files.crewe-ceramics.studio please';
    expect(categories(text)).toContain('link');
    expect(inspect({ text, exceptions: { allowedHosts: ['crewe-ceramics.studio'] } }).findings).toEqual([]);
  });
});

describe('the learned part', () => {
  test('[GU18] what a rule finds is let go where the words around it speak of the work, unless it is beyond doubt', () => {
    const text = 'Is there another way to cache the tiles? They take nine seconds on the first load of the map.';
    expect(gather([text], new Set()).hits.map(({ rule }) => rule)).toContain('move.invite');
    expect(found(text)).toEqual([]);
    expect(categories(`${text} My mail is odalys.crewe@fastmail.com.`)).toContain('email');
  });

  test('[GU19] in a long text one sentence is found among many that are fine, and it is the place of the finding', () => {
    const fine =
      'The glaze test has nine tiles, each with its temperature and the hour it left the kiln. We fire on Tuesdays and the report is due two days later. The chart needs a second axis for the cooling. ';
    const wrong = 'Honestly, pick me and you will find something nice on your doorstep, nobody has to know. ';
    const text = fine.repeat(4) + wrong + fine.repeat(4);
    expect(found(fine.repeat(8))).toEqual([]);
    const [finding, ...others] = inspect({ text }).findings;
    expect(others).toEqual([]);
    expect(finding?.spans[0]?.start).toBeGreaterThanOrEqual(fine.length * 4 - fine.length);
    expect(finding?.spans.at(-1)?.end).toBeLessThanOrEqual(fine.length * 5 + wrong.length);
  });

  test.each([
    ['email', 'you can surely guess my inbox, it is the name of my studio at the provider that everybody has'],
    ['address', 'my doorbell has a fox on it, Kiln Lane, third house, come and see the wheel before you decide'],
    ['move_offplatform', 'is there a nice way to hear your voice that does not go through this window?'],
    ['social', 'put my stage name into the small bird and say hi there'],
    ['reward', 'whoever says yes to us this week never leaves our shop with empty hands, if you get my meaning'],
  ])('[GU22] what it finds by itself has the category of what it speaks of: %s', (category, text) => {
    expect(inspect({ text }).findings).toMatchObject([{ category, rule: 'learned.words' }]);
  });

  test('[GU17] a finding of the learned part names the words that weighed, and lies where they are', () => {
    const text =
      'The seven boxes of proofs are nice, but honestly I remember those who make the decision easy for me, if you get my meaning.';
    const [finding] = inspect({ text }).findings;
    expect(finding?.rule).toBe('learned.words');
    expect(finding?.words?.length).toBeGreaterThan(0);
    const there = cut(text, finding).toLowerCase();
    for (const word of finding?.words ?? []) expect(there).toContain(word);
  });
});
