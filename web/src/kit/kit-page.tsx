import { Archive, Clock, Forward, Inbox, MoreVertical, Trash2, UserPlus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { setPreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Card } from '@/components/card';
import { Chips, Segments } from '@/components/chips';
import { Combobox, MultiCombobox, type Option } from '@/components/combobox';
import { Confirm, Dialog, FormDialog } from '@/components/dialog';
import { Fact, Facts } from '@/components/facts';
import { TextArea, TextField } from '@/components/field';
import { Form } from '@/components/form';
import { Menu, MENU_LINE } from '@/components/menu';
import { Select } from '@/components/select';
import { Table, type Column } from '@/components/table';
import { Tabs } from '@/components/tabs';
import { toast } from '@/components/toast';
import Toasts from '@/components/toasts';
import { EmptyState } from '@/components/view-state';
import { AWAY, query, QUEUES, REFUSED, searchAgents, type Sample } from './samples';

const COLUMNS: Column<Sample>[] = [
  { key: 'name', words: 'Contato', heading: true, cell: (row) => row.name },
  { key: 'queue', words: 'Fila', cell: (row) => <Badge>{row.queue}</Badge>, wideOnly: true },
  { key: 'waited', words: 'Espera', align: 'end', cell: (row) => row.waited },
];

/** Every part of the kit in its states, for those who build screens. It is in no build for people. */
export default function KitPage() {
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-6xl flex-col gap-4 p-4 sm:p-8">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <h1 className="text-2xl font-semibold tracking-tight">Kit</h1>
          <div className="flex gap-2">
            <Button onClick={() => setPreferences({ theme: 'light' })}>Claro</Button>
            <Button onClick={() => setPreferences({ theme: 'dark' })}>Escuro</Button>
          </div>
        </header>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Buttons />
          <Choices />
          <FactsCard />
          <Fields />
          <Over />
          <Comboboxes />
        </div>
        <TabsCard />
        <Tables />
      </div>
      <Toasts />
    </main>
  );
}

function Line({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2">{children}</div>;
}

function Buttons() {
  return (
    <Card title="Button, IconButton, Badge" hint="Um botão principal por tela; os outros são simples.">
      <div className="space-y-3">
        <Line>
          <Button look="primary">Enviar</Button>
          <Button>Cancelar</Button>
          <Button look="quiet">Ver tudo</Button>
          <Button look="danger">Excluir</Button>
          <Button disabled>Parado</Button>
          <IconButton label="Arquivar">
            <Archive aria-hidden="true" className="size-5" />
          </IconButton>
        </Line>
        <Line>
          {(['neutral', 'accent', 'good', 'warn', 'bad', 'info'] as const).map((tone) => (
            <Badge key={tone} tone={tone}>
              {tone}
            </Badge>
          ))}
        </Line>
      </div>
    </Card>
  );
}

function Choices() {
  const [chip, setChip] = useState<'todas' | 'minhas' | 'operador'>('todas');
  const [segment, setSegment] = useState<'lista' | 'desenho'>('lista');
  const [select, setSelect] = useState<'a' | 'b'>('a');
  return (
    <Card title="Chips, Segments, Select">
      <div className="flex flex-col items-start gap-3">
        <Chips
          label="Filtrar"
          value={chip}
          onChange={setChip}
          chips={[
            { value: 'todas', words: 'Todas' },
            { value: 'minhas', words: 'Minhas' },
            { value: 'operador', words: 'Precisam de um operador', tone: 'bad' },
          ]}
        />
        <Segments
          label="Como ver"
          value={segment}
          onChange={setSegment}
          options={[
            { value: 'lista', words: 'Lista' },
            { value: 'desenho', words: 'Desenho' },
          ]}
        />
        <Select
          label="Ordem"
          value={select}
          onChange={setSelect}
          options={[
            { value: 'a', words: 'Mais recentes primeiro' },
            { value: 'b', words: 'Mais antigas primeiro' },
          ]}
        />
      </div>
    </Card>
  );
}

function FactsCard() {
  return (
    <Card title="Card, Facts" hint="O nome em cima, o valor embaixo." actions={<Badge tone="good">Ativa</Badge>}>
      <Facts>
        <Fact name="Telefone" copy="5511981234567">
          (11) 98123-4567
        </Fact>
        <Fact name="Fila">Suporte</Fact>
        <Fact name="Protocolo" copy="2026112000017">
          2026112000017
        </Fact>
        <Fact name="Identificador">BR.13491208655302741918.muito-comprido-para-uma-linha</Fact>
      </Facts>
    </Card>
  );
}

function Fields() {
  const [error, setError] = useState<unknown>();
  return (
    <Card title="Form, TextField, TextArea" hint="O que o servidor recusa fica no campo a que pertence.">
      <Form names={['name', 'note']} error={error} onSubmit={() => setError(REFUSED)}>
        <TextField label="Nome" name="name" hint="Como os atendentes o veem." start="Vendas" />
        <TextArea label="Observação" name="note" optional placeholder="Só a equipe lê." />
        <Line>
          <Button type="submit" look="primary">
            Salvar
          </Button>
          <Button onClick={() => setError(AWAY)}>Servidor fora</Button>
          <Button look="quiet" onClick={() => setError(undefined)}>
            Sem erro
          </Button>
        </Line>
      </Form>
      <TextField label="E-mail" name="email" type="email" error="Falta o domínio depois do @." start="ana@" className="mt-5" />
    </Card>
  );
}

function Over() {
  const [open, setOpen] = useState<'none' | 'dialog' | 'sheet' | 'form' | 'confirm'>('none');
  const [queue, setQueue] = useState<Option | null>(null);
  const close = () => setOpen('none');
  const shown = (which: typeof open) => ({ open: open === which, onOpenChange: (next: boolean) => setOpen(next ? which : 'none') });
  return (
    <Card title="Dialog, Menu, Toast">
      <div className="space-y-3">
        <Line>
          <Button onClick={() => setOpen('dialog')}>Janela</Button>
          <Button onClick={() => setOpen('sheet')}>Painel</Button>
          <Button onClick={() => setOpen('form')}>Formulário</Button>
          <Button onClick={() => setOpen('confirm')}>Pergunta</Button>
          <Menu
            label="Atendimento"
            trigger={
              <IconButton label="Mais ações">
                <MoreVertical aria-hidden="true" className="size-5" />
              </IconButton>
            }
            items={[
              { words: 'Assumir', icon: UserPlus, shortcut: ['a'], onSelect: () => toast({ words: 'Atendimento assumido' }) },
              { words: 'Transferir…', icon: Forward, shortcut: ['t'], onSelect: () => setOpen('form') },
              { words: 'Adiar', icon: Clock, shortcut: ['Mod', 'H'], disabled: true, onSelect: () => undefined },
              MENU_LINE,
              { words: 'Excluir', icon: Trash2, tone: 'bad', onSelect: () => setOpen('confirm') },
            ]}
          />
        </Line>
        <Line>
          <Button onClick={() => toast({ words: 'Conversa encerrada', undo: () => toast({ words: 'Conversa reaberta', tone: 'info' }) })}>
            Aviso com desfazer
          </Button>
          <Button onClick={() => toast({ words: 'Não deu para transferir', more: 'A fila Suporte não existe mais.', tone: 'bad' })}>Aviso de erro</Button>
        </Line>
      </div>
      <Dialog {...shown('dialog')} title="O que mudou" lead="Uma frase que diz para que serve.">
        <p className="text-sm text-muted">Esc fecha, o foco volta para o botão.</p>
      </Dialog>
      <Dialog {...shown('sheet')} title="Dados da conversa" side="right">
        <p className="px-5 text-sm text-muted">O que fica ao lado da página.</p>
      </Dialog>
      <FormDialog
        {...shown('form')}
        title="Transferir atendimento"
        lead="Quem recebe vê a observação."
        names={['queue_id', 'note']}
        submit="Transferir"
        onSubmit={() => {
          close();
          toast({ words: 'Transferido para a fila', undo: () => undefined });
        }}
      >
        <Combobox label="Fila" name="queue_id" options={QUEUES} value={queue} onChange={setQueue} placeholder="Escolha a fila" />
        <TextArea label="Observação" name="note" optional />
      </FormDialog>
      <Confirm {...shown('confirm')} title="Excluir a etiqueta?" lead="Ela sai de 214 contatos. Não dá para desfazer." yes="Excluir" tone="danger" onYes={close} />
    </Card>
  );
}

function Comboboxes() {
  const [queue, setQueue] = useState<Option | null>(QUEUES[0] ?? null);
  const [agents, setAgents] = useState<Option[]>([]);
  const [labels, setLabels] = useState<Option[]>(QUEUES.slice(0, 2));
  return (
    <Card title="Combobox, MultiCombobox" hint="Digite “erro” na busca para vê-la falhar.">
      <div className="space-y-3">
        <Combobox label="Fila" options={QUEUES} value={queue} onChange={setQueue} placeholder="Todas as filas" />
        <MultiCombobox label="Atendentes" options={searchAgents} value={agents} onChange={setAgents} placeholder="Buscar por nome" />
        <MultiCombobox label="Etiquetas" options={QUEUES} value={labels} onChange={setLabels} />
      </div>
    </Card>
  );
}

function TabsCard() {
  const [tab, setTab] = useState<'abertos' | 'encerrados'>('abertos');
  return (
    <Card title="Tabs" hint="Faces de uma coisa só; a escolhida fica no endereço.">
      <Tabs
        label="Atendimentos"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'abertos', words: 'Abertos', count: 3, content: <p className="text-sm">Três atendimentos abertos.</p> },
          { value: 'encerrados', words: 'Encerrados', count: 120, content: <p className="text-sm">Cento e vinte encerrados.</p> },
        ]}
      />
    </Card>
  );
}

function Tables() {
  const [face, setFace] = useState<Parameters<typeof query>[0]>('full');
  return (
    <section aria-label="Table" className="space-y-3">
      <Line>
        <h2 className="mr-2 font-semibold">Table</h2>
        <Chips
          label="Face"
          value={face}
          onChange={setFace}
          chips={(['full', 'loading', 'empty', 'error', 'more-failed'] as const).map((value) => ({ value, words: value }))}
        />
      </Line>
      <Table
        label="Atendimentos que esperam"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        query={query(face)}
        empty={<EmptyState icon={Inbox} title="Nada esperando" hint="Quando alguém escrever, aparece aqui." />}
      />
    </section>
  );
}
