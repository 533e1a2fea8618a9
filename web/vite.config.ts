/** Builds the web application into web/dist, and serves it in development in front of a gateway. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const GATEWAY = process.env.PARLEY_DEV_GATEWAY ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The style sheets use light-dark(): older targets would have it compiled into something larger that nests less well.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy lets fonts come from this origin alone, so none may become a data: URL.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    proxy: {
      '/v1': { target: GATEWAY, ws: true },
      '/demo': GATEWAY,
    },
  },
});
