/** Which names are domains, and what kind of place a host is. */
import { wordSet } from '../text/known-words.ts';

const TOP_LEVEL = new Set(
  (
    'com net org edu gov info biz name pro mobi io co ai app dev me tv cc ly gg xyz site online store shop tech space website page link agency studio design digital media works work art ' +
    'blog club live life world group team company solutions services consulting marketing software systems cloud network email chat social email pub ink wiki news zone today center expert guru academy photography ' +
    'photo photos pictures video film music band fashion style legal law finance money fund capital bank jobs careers hiring freelance expert one top vip win fun icu link click help support community events games game build builders ' +
    'us uk ca au nz ie de at ch fr be nl lu es pt it pl cz sk hu ro bg gr tr ru ua by kz su ' +
    'in pk bd lk np ph id my sg th vn jp kr cn hk tw ng ke za gh eg ma tn il ae sa qa br mx ar cl pe uy ve ec bo py cr do gt pa cu pr se no fi dk is ee lv lt si hr rs ba mk al md ge am az eu asia africa ' +
    'example lol me to so sh rs is im ws fm am st la gl sc vc mn cat berlin london paris nyc moscow tokyo рф укр xn--p1ai zip mov'
  ).split(' '),
);
/** Also words, or the ends of file names and of code: a domain only where more says so. */
const DOUBTFUL = new Set(
  (
    'in is it me my to us be at am do no so as by al la si se es de et pa id an or md py rs pl sh ps ai cc zip mov name info link page app dev live store work works media video chat email support team group cloud design style art top fun help one video fm st ' +
    'io net tv pro news space site game games build events photo photos music club world life today money bank fund network systems software im ws sc vc mn cat ma np ph th ar re fr il'
  ).split(' '),
);
/** Of those, the ones that are as good as `com` unless they stand in code. */
const USUAL = new Set('io net app dev studio design me ai us fr it es de pl in'.split(' '));

export const isTopLevel = (name: string): boolean => TOP_LEVEL.has(name);
/** The same by the number of the word. */
export const isTopLevelWord = wordSet(TOP_LEVEL);
export const isDoubtful = (name: string): boolean => DOUBTFUL.has(name);
export const isUsual = (name: string): boolean => USUAL.has(name);

export type HostKind = 'meeting' | 'chat' | 'social' | 'profile_list' | 'payment' | 'form' | 'sample' | 'brand' | 'dummy';

const table = (kind: HostKind, hosts: string): [string, HostKind][] =>
  hosts
    .split(/\s+/u)
    .filter(Boolean)
    .map((host) => [host, kind]);

const HOSTS = new Map<string, HostKind>([
  ...table(
    'meeting',
    `zoom.us zoom.com meet.google.com teams.microsoft.com teams.live.com calendly.com cal.com whereby.com webex.com meet.jit.si jitsi.org doodle.com tidycal.com savvycal.com koalendar.com
    youcanbook.me acuityscheduling.com as.me setmore.com picktime.com zcal.co appoint.ly chili.piper.com meetings.hubspot.com calendar.google.com calendar.app.google gotomeeting.com gotomeet.me around.co
    simplybook.me appointlet.com oncehub.com bookings.microsoft.com book.ms hangouts.google.com duo.google.com telemost.yandex.ru join.skype.com bluejeans.com ringcentral.com lu.ma calendso.com zeeg.me meetergo.com tally.cal`,
  ),
  ...table(
    'chat',
    `wa.me whatsapp.com api.whatsapp.com chat.whatsapp.com wa.link walink.co t.me telegram.me telegram.dog telegram.org discord.gg discord.com discordapp.com m.me messenger.com line.me lin.ee viber.com
    viber.click signal.me signal.group signal.org kik.me snapchat.com join.slack.com slack.com ig.me weixin.qq.com u.wechat.com wechat.com zalo.me kakao.com open.kakao.com pf.kakao.com matrix.to keybase.io threema.id vk.me
    skype.com imo.im groupme.com icq.im chat.google.com tlgg.ru teleg.run`,
  ),
  ...table(
    'social',
    `instagram.com instagr.am facebook.com fb.com fb.me fb.gg twitter.com x.com linkedin.com lnkd.in tiktok.com vm.tiktok.com vk.com vk.ru ok.ru reddit.com threads.net threads.com pinterest.com pin.it bsky.app
    mastodon.social tumblr.com xing.com onlyfans.com twitch.tv weibo.com quora.com sharechat.com upwork.com fiverr.com freelancer.com`,
  ),
  ...table(
    'profile_list',
    `linktr.ee beacons.ai bio.link lnk.bio carrd.co about.me taplink.cc campsite.bio solo.to hoo.be msha.ke bento.me allmylinks.com linkin.bio contactout.com hihello.me popl.co tinyurl.com bit.ly cutt.ly rb.gy
    is.gd goo.gl t.co shorturl.at s.id blinq.me`,
  ),
  ...table(
    'payment',
    `paypal.me paypal.com ko-fi.com buymeacoffee.com cash.app venmo.com revolut.me wise.com buy.stripe.com donate.stripe.com patreon.com gofundme.com payoneer.com monobank.ua send.monobank.ua qiwi.com
    nowpayments.io razorpay.me rzp.io mercadopago.com mpago.la gcash.com pay.google.com payhip.com gumroad.com zellepay.com westernunion.com coinbase.com`,
  ),
  ...table(
    'form',
    `forms.gle docs.google.com/forms typeform.com jotform.com airtable.com/shr tally.so surveymonkey.com forms.office.com forms.yandex.ru wufoo.com formstack.com`,
  ),
  ...table(
    'sample',
    `github.com gist.github.com gitlab.com bitbucket.org codepen.io codesandbox.io stackblitz.com jsfiddle.net replit.com figma.com drive.google.com docs.google.com sheets.google.com dropbox.com onedrive.live.com
    1drv.ms notion.so notion.site behance.net dribbble.com artstation.com deviantart.com youtube.com youtu.be vimeo.com soundcloud.com open.spotify.com spotify.com play.google.com apps.apple.com itunes.apple.com loom.com
    wetransfer.com we.tl miro.com canva.com trello.com itch.io steampowered.com store.steampowered.com imgur.com flickr.com unsplash.com pexels.com medium.com dev.to kaggle.com huggingface.co colab.research.google.com
    public.tableau.com sketchfab.com framer.com invisionapp.com zeplin.io xd.adobe.com adobe.com lottiefiles.com pastebin.com amazon.com goodreads.com imdb.com archive.org arxiv.org issuu.com themeforest.net envato.com
    chrome.google.com chromewebstore.google.com marketplace.visualstudio.com bandcamp.com mixcloud.com clutch.co substack.com overleaf.com observablehq.com shadertoy.com glitch.com frame.io`,
  ),
  ...table(
    'brand',
    `mail.ru ya.ru rambler.ru gmail.com googlemail.com outlook.com hotmail.com yahoo.com icloud.com gmx.de gmx.net web.de proton.me protonmail.com ukr.net i.ua wp.pl onet.pl libero.it orange.fr laposte.net free.fr aol.com zoho.com google.com apple.com microsoft.com stripe.com mailchimp.com airbnb.com booking.com netflix.com shopify.com wordpress.org wordpress.com woocommerce.com wikipedia.org wikimedia.org stackoverflow.com
    stackexchange.com npmjs.com pypi.org crates.io docs.rs pkg.go.dev packagist.org rubygems.org maven.org nuget.org hub.docker.com docker.com nodejs.org python.org php.net mozilla.org developer.mozilla.org w3.org w3schools.com
    caniuse.com schema.org rfc-editor.org ietf.org datatracker.ietf.org postgresql.org mysql.com sqlite.org redis.io nginx.org apache.org kubernetes.io debian.org ubuntu.com archlinux.org djangoproject.com laravel.com react.dev
    reactjs.org vuejs.org angular.io svelte.dev nextjs.org tailwindcss.com getbootstrap.com openai.com anthropic.com twilio.com sendgrid.com mailgun.com postmarkapp.com slackhq.com zendesk.com intercom.com hubspot.com
    salesforce.com notion.com linear.app asana.com basecamp.com monday.com atlassian.com jira.com nytimes.com bbc.co.uk bbc.com theguardian.com cnn.com forbes.com wired.com bloomberg.com reuters.com ebay.com etsy.com walmart.com
    target.com ikea.com nike.com adidas.com zara.com hm.com uniqlo.com patagonia.com tesla.com bmw.com mercedes-benz.com toyota.com samsung.com sony.com nintendo.com playstation.com xbox.com lego.com disney.com spotify.com
    uber.com lyft.com doordash.com deliveroo.co.uk zalando.de otto.de lidl.com aldi.com tesco.com carrefour.fr mercadolibre.com rappi.com flipkart.com swiggy.com zomato.com amazon.de amazon.co.uk amazon.in lazada.com.ph shopee.ph ozon.ru
    wildberries.ru yandex.ru avito.ru rozetka.com.ua prom.ua allegro.pl trendyol.com tokopedia.com gov.uk europa.eu who.int un.org nasa.gov irs.gov vercel.com netlify.com cloudflare.com heroku.com digitalocean.com aws.amazon.com
    azure.com firebase.google.com supabase.com fonts.google.com fontawesome.com gstatic.com googleapis.com cloudfront.net amazonaws.com jsdelivr.net unpkg.com letsencrypt.org regex101.com crontab.guru json.org yaml.org semver.org
    ghost.org squarespace.com wix.com webflow.com godaddy.com namecheap.com duolingo.com headspace.com monzo.com n26.com superhuman.com dropbox.design material.io m3.material.io awwwards.com producthunt.com ycombinator.com
    news.ycombinator.com translate.google.com maps.google.com deepl.com grammarly.com trustpilot.com glassdoor.com indeed.com craigslist.org coursera.org udemy.com khanacademy.org readthedocs.io readthedocs.org gitbook.io mermaid.js.org eslint.org typescriptlang.org
    go.dev golang.org rust-lang.org kotlinlang.org swift.org flutter.dev dart.dev spring.io hibernate.org elastic.co mongodb.com prisma.io graphql.org openapis.org swagger.io postman.com jwt.io auth0.com okta.com sentry.io datadoghq.com
    grafana.com prometheus.io terraform.io ansible.com jenkins.io circleci.com plaid.com quickbooks.intuit.com xero.com sage.com`,
  ),
  ...table(
    'dummy',
    'example.com example.org example.net test.com domain.com yourdomain.com mydomain.com foo.com bar.com acme.com localhost.com company.com mysite.com yoursite.com website.com site.com sitename.com',
  ),
]);

const DOCS =
  /^(?:docs?|developers?|dev|api|help|support|wiki|learn|man|reference|learn|guides?|academy|community|status|cdn|fonts|registry|packages)\./u;

export const withoutWww = (host: string): string => (host.startsWith('www.') ? host.slice(4) : host);

/** What is known of a host; of the nearest parent that is known. */
export const hostKind = (host: string, path: string): HostKind | undefined => {
  let name = withoutWww(host);
  const withPath = path === '' ? undefined : HOSTS.get(`${name}${path.split(/[?#]/u)[0]?.split('/').slice(0, 2).join('/')}`);
  if (withPath !== undefined) return withPath;
  if (/\.(?:test|invalid|localhost|local|internal)$/u.test(name)) return 'dummy';
  const isDocs = DOCS.test(name);
  for (let depth = 0; depth < 4; depth += 1) {
    const kind = HOSTS.get(name);
    if (kind !== undefined) {
      // developers.facebook.com, docs.slack.com and the like are pages to read.
      if (isDocs && depth > 0 && (kind === 'social' || kind === 'chat' || kind === 'payment' || kind === 'meeting'))
        return 'brand';
      return kind;
    }
    const dot = name.indexOf('.');
    if (dot === -1) break;
    name = name.slice(dot + 1);
  }
  return isDocs ? 'brand' : undefined;
};
