// Builds the desk, served under /desk/. No inline script leaves this build: the site's CSP is script-src 'self'.
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/desk',
  base: '/desk/',
  publicDir: false,
  build: {
    outDir: '../../dist/desk',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      // antd's modules say 'use client', which means nothing to a page without a server half.
      onLog: (level, log, next) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : next(level, log)),
    },
  },
});
