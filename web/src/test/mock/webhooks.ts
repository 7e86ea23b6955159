import type { NewWebhook, Webhook, WebhookDelivery } from '../../api/types';
import type { MockAnswer } from './api.ts';

/** The account's webhooks, with what was delivered. */
export class MockWebhooks {
  readonly webhooks: Webhook[];
  readonly deliveries: WebhookDelivery[];

  constructor(now: number) {
    const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    this.webhooks = [
      { id: 1, name: 'ERP', url: 'https://erp.example.com/webhooks/perene', kind: 'standard', events: ['message_created', 'conversation_status_changed'], state: 'active', failures: 0, waiting: 0, created_at: ago(9000) },
      { id: 2, name: 'n8n', url: 'https://n8n.example.com/webhook/atendimento', kind: 'compatible', events: ['message_created'], state: 'quarantined', failures: 7, failing_since: ago(40), probe_at: ago(-5), waiting: 12, created_at: ago(8000) },
    ];
    const body = JSON.stringify({ event: 'message_created', id: 501, content: 'Oi, tudo bem?', message_type: 0, private: false, account: { id: 1, name: 'Loja' } });
    this.deliveries = [
      { id: 3, event_id: '0d6c6d66-6a0f-4c1e-9c2a-000000000003', event: 'message_created', conversation_id: 900, state: 'waiting', attempts: 2, next_at: ago(-4), last_at: ago(1), last_status: 500, last_error: 'status', last_answer: 'erro interno', last_took_ms: 84, body, created_at: ago(2) },
      { id: 2, event_id: '0d6c6d66-6a0f-4c1e-9c2a-000000000002', event: 'conversation_status_changed', conversation_id: 900, state: 'delivered', attempts: 1, last_at: ago(5), last_status: 200, last_took_ms: 31, body, created_at: ago(5) },
      { id: 1, event_id: '0d6c6d66-6a0f-4c1e-9c2a-000000000001', event: 'message_created', conversation_id: 900, state: 'failed', attempts: 10, last_at: ago(60), last_error: 'timeout', last_took_ms: 10_000, body, created_at: ago(6000) },
    ];
  }

  /** The answer to a request about webhooks; undefined when it is none. */
  answer(method: string, url: URL, body: string): MockAnswer | undefined {
    const resent = /^\/v1\/webhook-deliveries\/(\d+)\/resend$/.exec(url.pathname);
    const delivery = resent && this.deliveries.find(({ id }) => id === Number(resent[1]));
    if (delivery) return { status: 200, body: Object.assign(delivery, { state: 'waiting', attempts: 0 }) };
    const match = /^\/v1\/webhooks(?:\/(\d+)(?:\/(\w+))?)?$/.exec(url.pathname);
    if (!match) return undefined;
    const webhook = this.webhooks.find(({ id }) => id === Number(match[1]));
    if (match[1] === undefined) return method === 'GET' ? page(this.webhooks) : this.make(JSON.parse(body) as Webhook);
    if (!webhook) return { status: 404, body: { title: 'Not Found', status: 404, code: 'not_found', detail: 'No such webhook.' } };
    switch (match[2] ?? '') {
      case 'deliveries':
        return page(this.deliveries.filter(({ state }) => (url.searchParams.get('state') ?? state) === state));
      case 'replay':
        return { status: 200, body: { count: 2 } };
      case 'secret':
        return { status: 200, body: { ...Object.assign(webhook, { previous_until: new Date(Date.now() + 86_400_000).toISOString() }), secret: 'whsec_bm92bw==' } };
      case 'test':
        return { status: 200, body: webhook };
    }
    if (method === 'DELETE') {
      this.webhooks.splice(this.webhooks.indexOf(webhook), 1);
      return { status: 204, body: undefined };
    }
    const { off, ...change } = JSON.parse(body) as Partial<Webhook> & { off?: boolean };
    return { status: 200, body: Object.assign(webhook, change, off !== undefined && { state: off ? 'off' : 'active' }) };
  }

  private make(fields: Webhook): MockAnswer {
    const made: NewWebhook = { ...fields, id: 10, state: 'active', failures: 0, waiting: 0, created_at: new Date().toISOString(), secret: 'whsec_c2VjcmV0' };
    this.webhooks.push(made);
    return { status: 201, body: made };
  }
}

const page = (data: unknown[]): MockAnswer => ({ status: 200, body: { data, next_cursor: null, has_more: false } });
