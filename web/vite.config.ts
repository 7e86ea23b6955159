import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { mockApi } from './src/test/mock/plugin.ts';

const backend = process.env.PERENE_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // PERENE_MOCK=1 shows the screens without a server behind them.
  plugins: [react(), tailwindcss(), ...(process.env.PERENE_MOCK ? [mockApi()] : [])],
  // The mock build has the kit's page too.
  define: { 'import.meta.env.VITE_KIT': JSON.stringify(Boolean(process.env.PERENE_MOCK)) },
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    // The kinds' schema and the example flows stand outside of the console's folder.
    fs: { allow: ['..'] },
    host: '127.0.0.1',
    port: 5173,
    proxy: process.env.PERENE_MOCK ? {} : { '/v1': { target: backend, ws: true, changeOrigin: false } },
  },
  build: {
    target: 'es2022',
    manifest: true,
    // The server's policy is script-src 'self': nothing may be put into the page or into a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files instead of dozens of small ones; what only one screen needs stays with it.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store)\//, priority: 3 },
            { name: 'vendor', test: /node_modules\/(@tanstack|i18next|react-i18next|zod|openapi-fetch)\//, priority: 2 },
            { name: 'parts', test: /node_modules\/(@floating-ui|reselect|tabbable)\//, priority: 2 },
            // An icon that one screen alone has comes with that screen.
            { name: 'icons', test: /node_modules\/lucide-react\//, priority: 2, minShareCount: 3 },
            // What every screen has. The rest of the kit, and of Base UI, comes with the screen or the dialog that uses it.
            { name: 'shared', test: /src\/(api\/(?!flow\.gen)|i18n\/(?!.*\ben\.ts|rest|pt-br|meta-error)|components\/(avatar|badge|button|chips|copy-button|select|view-state))/, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 120_000,
  },
});
