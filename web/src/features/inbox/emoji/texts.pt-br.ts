/** Texts of the emoji. */
export const emojiTexts = {
  emoji: {
    open: 'Emoji',
    title: 'Emoji',
    more: 'Outro emoji',
    search: 'Buscar emoji',
    groups: 'Grupos de emoji',
    none: 'Nenhum emoji com este nome',
    failed: 'Os emoji não carregaram. Feche e tente de novo.',
    hint: 'Setas escolhem, Enter põe no texto.',
    group: {
      faces: 'Rostos e emoções',
      people: 'Pessoas e corpo',
      animals: 'Animais e natureza',
      food: 'Comida e bebida',
      places: 'Viagens e lugares',
      activities: 'Atividades',
      objects: 'Objetos',
      symbols: 'Símbolos',
      flags: 'Bandeiras',
    },
  },
} as const;
