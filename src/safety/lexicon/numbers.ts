/** Digits as words, what stands before a number that is no telephone's, and the words of an address that is spelled. */
import type { Concepts } from './lexicon.ts';

/** By their digits. Tens are given with their zero, which a following unit takes the place of. */
const WORDS: Record<string, string> = {
  0: 'nothing nada zilch zip nix ничего नोथिंग zeero zro zerro ziro o oh nought naught cero null zéro nil sifar shunya shoonya शून्य शुन्य wala sero ноль нуль нуля ноля zero sıfır nol kosong',
  1: 'ace one wun won uno una un une eins ein um uma bir ek एक isa один одна єдиний jeden bir satu',
  2: 'ii two too tu tew dos deux zwei zwo dois duas do दो dalawa два две дві due dwa iki dua',
  3: 'iii three thre tree free3 tres trois drei três teen तीन tatlo три tre trzy üç tiga',
  4: 'iv four fore foar fower cuatro quatre vier quatro chaar char चार apat четыре чотири quattro cztery dört empat',
  5: 'v five fife fiv faiv cinco cinq fünf fuenf paanch panch पांच पाँच lima пять п’ять пять пять cinque pięć beş lima',
  6: 'vi six sicks siks sics seis six sechs meia chhe chhah che छह छः छे anim шесть шість sei sześć altı enam',
  7: 'vii seven sevn sevin siete sept sieben sete saat सात pito семь сім sette siedem yedi tujuh',
  8: 'viii eight ate ait eit ocho huit acht oito aath आठ walo восемь вісім otto osiem sekiz delapan',
  9: 'ix nine nein nyne niner nueve neuf neun nove nau नौ siyam девять дев’ять nove dziewięć dokuz sembilan',
  10: 'on ten diez dix zehn dez dus das दस sampu десять dieci dziesięć on sepuluh',
  11: 'eleven once onze elf gyarah ग्यारह labing-isa одиннадцать одинадцять undici jedenaście',
  12: 'twelve doce douze zwölf doze barah बारह двенадцать дванадцять dodici dwanaście',
  13: 'thirteen trece treize dreizehn treze terah тринадцать тринадцять',
  14: 'fourteen catorce quatorze vierzehn quatorze chaudah четырнадцать чотирнадцять',
  15: 'fifteen quince quinze fünfzehn quinze pandrah пятнадцать пʼятнадцять',
  16: 'sixteen dieciséis seize sechzehn dezesseis solah шестнадцать шістнадцять',
  17: 'seventeen diecisiete siebzehn dezessete satrah семнадцать сімнадцять',
  18: 'eighteen dieciocho achtzehn dezoito atharah восемнадцать вісімнадцять',
  19: 'nineteen diecinueve neunzehn dezenove unnis девятнадцать девʼятнадцять',
  20: 'yirmi twenty veinte vingt zwanzig vinte bees двадцать двадцять venti dwadzieścia',
  30: 'otuz thirty treinta trente dreißig trinta tees тридцать тридцять trenta trzydzieści',
  40: 'kırk forty fourty cuarenta quarante vierzig quarenta chalis chalees сорок quaranta czterdzieści',
  50: 'elli fifty cincuenta cinquante fünfzig cinquenta pachas пятьдесят пʼятдесят cinquanta pięćdziesiąt',
  60: 'altmış sixty sesenta soixante sechzig sessenta saath шестьдесят шістдесят sessanta sześćdziesiąt',
  70: 'yetmiş seventy setenta siebzig setenta sattar семьдесят сімдесят settanta siedemdziesiąt',
  80: 'seksen eighty ochenta achtzig oitenta assi восемьдесят вісімдесят ottanta osiemdziesiąt',
  100: 'hundred cien ciento cento cem sto сто cento yüz seratus',
  200: 'doscientos duzentos двести двісті dwieście duecento',
  300: 'trescientos trezentos триста trzysta trecento',
  400: 'cuatrocientos quatrocentos четыреста чотириста czterysta quattrocento',
  500: "quinientos quinhentos пятьсот п'ятсот pięćset cinquecento",
  600: 'seiscientos seiscentos шестьсот шістсот sześćset seicento',
  700: 'setecientos setecentos семьсот сімсот siedemset settecento',
  800: 'ochocientos oitocentos восемьсот вісімсот osiemset ottocento',
  900: "novecientos novecentos девятьсот дев'ятсот dziewięćset novecento",
  1000: 'thousand',
  90: 'doksan ninety noventa neunzig noventa nabbe девяносто девʼяносто novanta dziewięćdziesiąt',
};

/** Words as the tokens have them: folded, and cut at signs only where a token is. */
export const digitWords = (foldWord: (word: string) => string): Map<string, string> =>
  new Map(Object.entries(WORDS).flatMap(([digits, words]) => words.split(' ').map((word) => [foldWord(word), digits] as const)));

export const NUMBERS: Concepts = {
  ID_WORD: `order, orders, invoice, invoices, ticket, tickets, id, ids, isbn, issn, iban, sku, skus, version, ver, v, tracking, track, awb, part, item, ref, reference, case, epsg, port, ports, rfc, bug, serial, sn, po, p o, vat, nip, ein, siret, siren, cnpj, cpf, gstin, gst, tin, ssn, imei, ean, upc, asin, doi, issue, pr, build, commit, hash, zip, lat, lon, long, timestamp, epoch, unix, customer, client id, user id, account number, contract number, max, maximum, min, int, integer, bigint, row, rows, line, lines, batch, lot, page, pages, pp, chapter, section, figure, dimension, dimensions, size, resolution, model, policy, permit, licence, license, registration, receipt, transaction, txn, payment id, job, jira, request, record, records, product, article, barcode, gtin, hs code, code, error code, error, patent, case no, docket, docs, document, badge, lottery, score, frame, frames, seed, checksum, crc, phone field, test number, pedido, factura, referencia, código, cliente número, ticket, expediente, commande, facture, référence, dossier, code, bestellung, bestellnummer, bestell, rechnung, rechnungsnummer, artikel, artikelnummer, kundennummer, aktenzeichen, sendungsnummer, ticketnummer, pedido, fatura, nota fiscal, código, protocolo, chamado, order number, order no, ऑर्डर, заказ, заказа, заказе, заказы, счет, счёт, счета, накладная, накладной, трек, артикул, инн, огрн, снилс, заявка, тикет, договор, замовлення, рахунок, накладна, накладної, ттн, артикул, єдрпоу, інн, заявка, ordine, fattura, zamówienie, faktura, sipariş, fatura, pesanan, resi,
    envío, envios, guía, seguimiento, cep, códigos, paquete, sendung, colis, encomenda, remessa, rastreio, bestelling, посылка, посылки, отправление, посилка, spedizione, przesyłka, kargo, resi`,
  UNIT: `usd, eur, gbp, inr, php, brl, uah, rub, pln, idr, try, dollars, dollar, euros, euro, pounds, rupees, pesos, reais, грн, руб, рублей, гривень, zł, k, m, mb, gb, tb, kb, px, ms, s, sec, secs, seconds, min, mins, minutes, hrs, hours, h, days, weeks, kg, g, cm, mm, km, rows, records, words, pages, lines, items, users, subscribers, followers, customers, views, downloads, orders, products, contacts, images, photos, files, requests, visits, entries, documents, docs, emails, steps, points, mb s, fps, dpi, lux, hz, khz, mhz, %, palabras, páginas, mots, pages, wörter, seiten, palavras, páginas, слов, слова, строк, страниц, знаков, символов, слів, сторінок, символів, parole, słów, stron`,
  SPOKEN_JOIN: `dash, hyphen, space, minus, then, and, after, that, followed, by, comes, next, the, last, four, finally, guion, guión, espacio, luego, y, después, tiret, espace, puis, et, bindestrich, leerzeichen, dann, und, traço, hífen, espaço, depois, e, phir, aur, तब, फिर, और, tapos, saka, at, потом, дальше, затем, тире, и, далее, потім, далі, і, poi, potem, sonra, lalu, 📞, 👉`,
  MULTIPLE: `double, triple, treble, doble, triple, double, triple, doppel, dreifach, duplo, triplo, dobro, twice, dvakrat, doppia, tripla`,
  CALL_CONTEXT: `&PHONE, &MESSENGER, &SHORT_APP, &REACH, &CONTACT_WORD, call, calls, text, sms, ring, dial, line, mine, me, reach, desk, code, area, area code, ext, 📞, 📱, ☎, ☎️, 👈, 🤙, 📲, llama, marca, appelle, appel, anruf, anrufen, liga, ligue, tawag, звонок, вызов, дзвінок, dial karo, call kijiye, call karo, phone karo`,
  AT_DESCRIBED: `a in a circle, little a in a circle, circle a, circled a, a with a circle, a in circle, curly a, a with a tail, monkey sign, at sign, at symbol, the at sign, snail sign, sign for at, a circled, arroba, arobase, klammeraffe, собака, собачка, собаку, собачку, песик, равлик, chiocciola, małpa, símbolo de arroba, @,
    a entouré, simbolo della lumaca, lumaca, kuyruklu a, małpka, małpkę, at işareti, over the 2, over the 2 key, shift 2, above the 2, snail, encircled a, curled a, curly at, strudel, affenschwanz, keong, tanda at, the usual sign, 🐒, 🌀, 🐌, 🐵,
    äffchen, símbolo do e mail, simbolito de la a, a enroscada, a enrollada, aquele símbolo do e mail, escargot, a con la cola, that curly a, sign of email, email sign, mail sign, email symbol, símbolo de correo, mailzeichen`,
  IT_RINGS: `it rings, and it rings, does ring, it will ring, itll ring, rings me, rings my, rings on my, rings at my, rings in my, rings in the, rings here, makes a nice ring, nice ring, ring for dinner, phone it, phone that, dial it, dial that, dial them, then dial, and dial, can dial, dial the result, call the result, dial pad, on a keypad, on your keypad, press green, green button, into your phone, to your handset, your handset, as a phone number, phones do, ping it with your voice, talk to it, opens my ear, its my line, its me you hear, youll hear me, they ring, suena en mi, sonará, ça sonne, es klingelt, klingelt bei mir, toca no meu, зазвонит, звонит у меня, задзвонить`,
  MONEY_SIGN: `$, €, £, ₹, usd, eur`,
  DIAL: `dial, dial it, dial that, just dial, key it in, punch it in, type it into your phone, on a keypad, into your phone, your phones keypad, give it a ring, ring it, call it, call that, that rings, will ring me, rings me, rings my, rings on my, ring me, phone me, call me, i pick up, ill pick up, pick up, text me, put a plus, plus in front, zero in front, read the brackets, in the brackets, only the numbers, read the numbers, read only the numbers, just the numbers, without the commas, without the point, lee solo, solo los números, marca, márcalo, llama, llámame, y marca, compose le, composez, appelle moi, wähle, wählen, ruf an, ruf mich an, disca, liga, me liga, dial karo, dial kar, call karo, набери, наберите, позвони, позвоните, звоните, гудки, зовите, набирайте, телефонуйте, дзвоніть, componi, chiami, chiamami, wpisz to na, zadzwoń, ara, arayın, tekan, telpon, hubungi,
    handset, with your thumb, your thumb, with your phone, look again, isnt an hour, isnt a date, not a date, not a version, isnt a version, no version, keine version, keine bestellnummer, not an order ref, not an order, isnt an order, not an invoice, no es un pedido, no es una versión, not a price, not a code, non un codice, isnt a score, ring those, ring these, dial those, dial these, turned round, turned around, letters look like, letters for digits, letters are digits, look alike, буквы похожи, буквы вместо, troca letra por número, letra por número, letras por números, letras = números, buchstaben statt, складіть, складите, junta los finales, junta las, pega o final, put the ends, the ends together, the last numbers, numbers at the end of, súmale, soma, add them to, numaran, simpan, guarda antes, anota, localizarme, receiver, handy zur hand,
    it rings, does ring, it does ring, phones do, press green, green button, and it rings, talk to it, use it as a phone number, as a phone number, call the result, dial the result, by voice, hear me, youll hear me, it will ring, makes my phone`,
  PROVIDER: `gmail, g mail, gmial, googlemail, google mail, hotmail, yahoo, outlook, icloud, protonmail, proton, ymail, aol, gmx, web de, mail ru, yandex, ukr net, rediffmail, zoho, tutanota, fastmail, live com, msn, гмейл, гмайл, джимейл, джимэйл, жмейл, яндекс, яндексе, мейл ру, mailru, जीमेल, जी मेल, याहू, the google one, google mail place, uol, bol, libero, wp pl, onet, o2 pl, orange fr, laposte, free fr, t online,
    tuta, posteo, mailbox org, pm me, proton me, virgilio, alice it, tiscali, interia, wanadoo, sfr, укр нет, укрнет, i ua, googles mail, gee mail, jimail, geemail, gmael, gmailu, gmaile, free mail service,
    posteo de, free fr, live com, the g one, mail service run by the search people, search people, correo de google, yahoo co id, virgilio it, proton me, pm me, tuta com, uol com, email do google`,
  DOT_WORD: `dot, dott, punto, ponto, point, punkt, точка, точку, крапка, крапку, tuldok, kropka, nokta, titik, डॉट, बिंदु, ends like every american company, ends in com, period,
    kropeczka, full stop, ⚫, 🔵, ●, ⚪, 🔴, крапочка, точечка`,
  ACROSTIC: `first letter, first letters, first digit, first digits, first figure, first figures, first number, first numbers, first word of each, first character, first characters, initial letters, initials, capital letters, each line, every line, top to bottom, read down, last digits, last letters, start of each, beginning of each, leading digits, leading numbers, numbers in order, digits in order, figures in order, numbers above, numbers in my, digits in my, primera letra, primeras letras, primeros números, primeras cifras, primer número, première lettre, premières lettres, premiers chiffres, premier chiffre, anfangsbuchstaben, erste ziffer, ersten ziffern, ersten zahlen, primeira letra, primeiras letras, primeiros números, первые буквы, первые цифры, первая цифра, перші літери, перші цифри`,
  NUMBER_TALK: `area code, last four, last three, last two, last digits, first three, first four, middle three, plus one, minus one, add, subtract, take away, multiply, times, code, prefix, country code, dial, ends in, ends with, starts with, begins with, prefijo, terminaciones, termina en, indicatif, vorwahl, ddd, dd, код, оператор,
    rest, the rest, other half, second half, first half, at the end, in the middle, at the start, first part, second part, part one, part two, last part, remaining, and finally, ends, starts, y al final, al principio, termina, empieza, fängt an, am anfang, am ende, no começo, no final, начало, в начале, конец, в конце, остальное, спочатку, решта, наприкінці, na końcu, na początku, resztę, alla fine, all inizio, belakangnya, depannya, aakhir mein, shuru mein, dulo`,
  UNDERSCORE: `
    underscore, under score, guion bajo, guión bajo, barra baja, underline, garis bawah, trattino basso, нижнее подчеркивание, нижнее подчёркивание, нижнє підкреслення, podłoga, podkreślnik, podkreslnik, tiret bas, underscore beech, unterstrich, alt çizgi, alt tire, sublinhado, traço baixo, traço underline`,
  SLASH: `
    slash, forward slash, barra, schrägstrich, слэш, слеш, косая черта, bölü, garis miring, ukośnik, barra inclinada`,
};
