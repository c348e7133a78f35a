// Builds the widget (one self-contained classic script) and copies the demo page beside it.
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: 'public',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'src/widget/index.tsx', formats: ['iife'], name: 'ZhidaWidget', fileName: () => 'widget.js' },
  },
});
