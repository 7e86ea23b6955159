import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { MessageText } from './message-text';
import { parseInline, parseMessage, plainText } from './whatsapp-text';

describe('WhatsApp marks', () => {
  it('reads bold, italic, strike, code and their nesting', () => {
    expect(parseInline('*a* _b_ ~c~ `d`')).toEqual([
      { kind: 'bold', children: [{ kind: 'text', text: 'a' }] },
      { kind: 'text', text: ' ' },
      { kind: 'italic', children: [{ kind: 'text', text: 'b' }] },
      { kind: 'text', text: ' ' },
      { kind: 'strike', children: [{ kind: 'text', text: 'c' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'd' },
    ]);
    expect(parseInline('*_~x~_*')).toEqual([
      { kind: 'bold', children: [{ kind: 'italic', children: [{ kind: 'strike', children: [{ kind: 'text', text: 'x' }] }] }] },
    ]);
  });

  it.each(['2 * 3 * 4', 'snake_case_name', '* item', '*aberto', 'fim*', '**', '~ não ~', 'a*b*c', '*linha\nnova*', '``'])(
    'leaves %j as it is written',
    (text) => expect(parseInline(text)).toEqual([{ kind: 'text', text }]),
  );

  it('keeps underscores and stars inside an address', () => {
    expect(parseInline('veja https://a.com/x_y_z?q=*1* já')).toEqual([
      { kind: 'text', text: 'veja ' },
      { kind: 'link', text: 'https://a.com/x_y_z?q=*1', href: 'https://a.com/x_y_z?q=*1' },
      { kind: 'text', text: '* já' },
    ]);
    expect(parseInline('(www.loja.com.br).')).toEqual([
      { kind: 'text', text: '(' },
      { kind: 'link', text: 'www.loja.com.br', href: 'https://www.loja.com.br/' },
      { kind: 'text', text: ').' },
    ]);
    expect(parseInline('ana@loja.com.br')).toEqual([{ kind: 'link', text: 'ana@loja.com.br', href: 'mailto:ana@loja.com.br' }]);
  });

  it('reads quotes, lists and blocks of code', () => {
    expect(parseMessage('> citado\n- um\n- dois\n1. a\n2. b\n```\nx *y*\n```').map((block) => block.kind)).toEqual([
      'quote',
      'list',
      'list',
      'code',
    ]);
  });

  it('takes time in proportion to the text, whatever it is', () => {
    const started = performance.now();
    for (const bomb of ['*a '.repeat(4000), '`'.repeat(8000), '_*~'.repeat(4000), 'a@'.repeat(4000), 'www.'.repeat(3000), '```'.repeat(2000), '> '.repeat(3000)]) {
      plainText(bomb);
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('says the words without the marks', () => {
    expect(plainText('*Oi*\n- _um_\n> ~dois~')).toBe('Oi um dois');
  });
});

describe('words of customers never become markup', () => {
  const PAYLOADS = [
    '<script>window.pwned = 1</script>',
    '<img src=x onerror="window.pwned = 1">',
    '*<svg/onload=window.pwned=1>*',
    '`<iframe srcdoc="<script>parent.pwned=1</script>">`',
    '```<b onmouseover=alert(1)>x</b>```',
    '> <a href="javascript:window.pwned=1">x</a>',
    'javascript:window.pwned=1',
    '[x](javascript:window.pwned=1)',
    'https://x.com/"onmouseover="window.pwned=1',
    'data:text/html,<script>window.pwned=1</script>',
    'https://javascript:alert(1)@evil.example',
    '<style>*{display:none}</style>',
    '&lt;script&gt;window.pwned=1&lt;/script&gt;',
  ];

  it.each(PAYLOADS)('%j stays text', (payload) => {
    const { container } = render(<MessageText text={payload} />);
    expect(container.querySelector('script, img, svg, iframe, b, style, object')).toBeNull();
    for (const element of container.querySelectorAll('*')) {
      for (const attribute of element.attributes) expect(attribute.name).not.toMatch(/^on/);
    }
    for (const link of container.querySelectorAll('a')) expect(link.href).toMatch(/^(https?|mailto):/);
    expect((globalThis as { pwned?: number }).pwned).toBeUndefined();
    const said = payload.replace(/[`*>]|^> /g, '').replace(/\s+/g, '');
    expect(container.textContent?.replace(/[`*>\s]/g, '')).toBe(said.replace(/\s+/g, ''));
  });

  it('opens links elsewhere, without telling where they were found', () => {
    render(<MessageText text="https://loja.exemplo" />);
    const link = screen.getByRole('link', { name: 'https://loja.exemplo' });
    expect(link).toHaveAttribute('rel', expect.stringContaining('noopener'));
    expect(link).toHaveAttribute('rel', expect.stringContaining('noreferrer'));
  });
});
