// Builds the page that embeds the widget, served at /chat/demo with its files under /chat/assets/.
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/demo',
  base: '/chat/',
  publicDir: false,
  build: {
    outDir: '../../dist',
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: { input: 'src/demo/demo.html' },
  },
});
