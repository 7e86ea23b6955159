// Runs before the first paint, so that a dark page never flashes white. A file of its own: the page's policy forbids
// scripts inside it. The keys are those of src/app/preferences.ts.
(function () {
  var root = document.documentElement;
  var saved = {};
  try {
    saved = JSON.parse(localStorage.getItem('perene.preferences') || '{}') || {};
  } catch {
    saved = {};
  }
  var dark = saved.theme === 'dark' || (saved.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = saved.density === 'compact' ? 'compact' : 'comfortable';
  if (saved.language === 'en') root.lang = 'en';
})();
