// Builds the widget: one self-contained classic script, dist/widget.js.
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'src/widget/index.tsx', formats: ['iife'], name: 'ZhidaWidget', fileName: () => 'widget.js' },
  },
});
