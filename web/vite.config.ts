/**
 * Builds the web application and the embed into web/dist, and serves the application in development in front of a gateway. They are two
 * builds: the embed runs in pages of other origins, where its parts are found beside its script, and its styles go into shadow roots.
 */
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const GATEWAY = process.env.PARLEY_DEV_GATEWAY ?? 'http://127.0.0.1:8080';

/** Writes the name of the embed's one style sheet into its script, which has no hash in its name and so may say what has. */
const nameStyles = (): Plugin => ({
  name: 'parley:embed-styles',
  enforce: 'post',
  applyToEnvironment: ({ name }) => name === 'embed',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const styles = Object.keys(bundle).filter((file) => file.endsWith('.css'));
      const script = bundle['embed.js'];
      if (styles.length !== 1 || script?.type !== 'chunk' || !script.code.includes('__PARLEY_EMBED_STYLES__'))
        this.error('The embed has to be one script that names one style sheet.');
      else script.code = script.code.replace('__PARLEY_EMBED_STYLES__', `./${styles[0]}`);
    },
  },
});

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), nameStyles()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The style sheets use light-dark(): older targets would have it compiled into something larger that nests less well.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy lets fonts come from this origin alone, so none may become a data: URL.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
  },
  environments: {
    embed: {
      consumer: 'client',
      build: {
        outDir: 'dist',
        emptyOutDir: false,
        copyPublicDir: false,
        cssCodeSplit: false,
        modulePreload: false,
        rolldownOptions: {
          input: 'src/embed/embed.ts',
          output: {
            entryFileNames: 'embed.js',
            chunkFileNames: 'assets/embed-[hash].js',
            assetFileNames: 'assets/embed-[hash][extname]',
          },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const name of ['client', 'embed']) {
        const environment = builder.environments[name];
        if (environment !== undefined) await builder.build(environment);
      }
    },
  },
  server: {
    proxy: {
      '/v1': { target: GATEWAY, ws: true },
      '/demo': GATEWAY,
    },
  },
});
