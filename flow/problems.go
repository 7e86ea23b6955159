package flow

import "maps"

// problemTexts says what every code means, in Portuguese and English.
var problemTexts = func() map[Code]problemText {
	all := maps.Clone(loaderTexts)
	maps.Copy(all, lintTexts)
	return all
}()

// loaderTexts are the texts of the codes that reading a document gives.
var loaderTexts = map[Code]problemText{
	"document_too_large":   {SeverityError, "O documento passa de {0} bytes.", "The document is larger than {0} bytes."},
	"document_not_json":    {SeverityError, "O documento não é JSON: {0}.", "The document is not JSON: {0}."},
	"document_shape":       {SeverityError, "O documento não tem a forma de um fluxo: {0}.", "The document does not have the shape of a flow: {0}."},
	"spec_version_unknown": {SeverityError, "Versão da especificação desconhecida: {0}.", "Unknown spec version: {0}."},
	"name_missing":         {SeverityError, "Dê um nome ao fluxo.", "Give the flow a name."},
	"category_unknown":     {SeverityError, "Categoria \"{0}\" desconhecida: use initial, closing, manual ou scheduled.", "Unknown category \"{0}\": use initial, closing, manual or scheduled."},
	"no_nodes":             {SeverityError, "O fluxo não tem nós.", "The flow has no nodes."},
	"too_many_nodes":       {SeverityError, "O fluxo tem mais de {0} nós.", "The flow has more than {0} nodes."},
	"too_many":             {SeverityError, "São no máximo {0}.", "There may be at most {0}."},
	"start_missing":        {SeverityError, "Escolha o nó em que o fluxo começa.", "Choose the node the flow starts with."},
	"node_id":              {SeverityError, "\"{0}\" não serve de id: use letras sem acento, números, _ e -, no máximo 64.", "\"{0}\" cannot be an id: use letters without accents, digits, _ and -, at most 64."},
	"node_duplicate":       {SeverityError, "Há mais de um nó com o id \"{0}\".", "There is more than one node with the id \"{0}\"."},
	"node_unknown":         {SeverityError, "Não existe nó \"{0}\".", "There is no node \"{0}\"."},
	"kind_unknown":         {SeverityError, "Não existe o tipo de nó \"{0}\".", "There is no kind of node \"{0}\"."},
	"output_unknown":       {SeverityError, "Este nó não tem a saída \"{0}\".", "This node has no output \"{0}\"."},
	"output_duplicate":     {SeverityError, "A saída \"{0}\" aparece mais de uma vez.", "The output \"{0}\" appears more than once."},
	"quiet_hours":          {SeverityError, "\"{0}\" não são horas de silêncio: escreva, por exemplo, 22:00-08:00, e deixe alguma hora livre.", "\"{0}\" are no quiet hours: write 22:00-08:00, for example, and leave some hour free."},
	"body_kind_open":       {SeverityError, "Há mais de um corpo preenchido ({0}): escolha em \"body_kind\" qual é enviado.", "More than one body is filled in ({0}): choose in \"body_kind\" which is sent."},
	"setting_unknown":      {SeverityWarning, "Configuração \"{0}\" desconhecida; ela é ignorada.", "Unknown setting \"{0}\"; it is ignored."},
	"setting_shape":        {SeverityError, "Valor inválido: {0}.", "Invalid value: {0}."},
	"setting_missing":      {SeverityError, "Preencha \"{0}\".", "Fill in \"{0}\"."},
	"setting_enum":         {SeverityError, "\"{0}\" não é aceito: use {1}.", "\"{0}\" is not accepted: use {1}."},
	"setting_range":        {SeverityError, "\"{0}\" deve ficar entre {1} e {2}.", "\"{0}\" must lie between {1} and {2}."},
	"setting_too_many":     {SeverityError, "São no máximo {0} itens.", "There may be at most {0} items."},
	"text_invalid":         {SeverityError, "Texto inválido: {0}.", "Invalid text: {0}."},
	"text_range":           {SeverityError, "Intervalos como (1..10) não existem em textos: percorra uma lista ({% for item in lista %}) ou use o nó Laço.", "There are no ranges such as (1..10) in texts: go through a list ({% for item in list %}) or use the node Loop."},
	"text_loops_deep":      {SeverityError, "Repetições ({% for %}) vão até {0} níveis, uma dentro da outra: tire a de dentro.", "Loops ({% for %}) may be nested at most {0} deep: take the innermost one out."},
	"text_too_long":        {SeverityError, "O texto passa de {0} caracteres.", "The text is longer than {0} characters."},
	"expression_invalid":   {SeverityError, "Expressão inválida: {0}.", "Invalid expression: {0}."},
	"pattern_too_large":    {SeverityError, "A expressão regular fica grande demais: mais de {0} instruções. Diminua repetições como {1,1000} ou divida-a em duas.", "The regular expression becomes too large: more than {0} instructions. Make repeats such as {1,1000} smaller, or split it in two."},
	"patterns_too_large":   {SeverityError, "As expressões regulares do fluxo passam juntas de {0} instruções: simplifique-as ou use palavras inteiras.", "The flow's regular expressions together have more than {0} instructions: make them simpler, or use whole words."},
	"pattern_invalid":      {SeverityError, "Expressão regular inválida: {0}.", "Invalid regular expression: {0}."},
	"json_path":            {SeverityError, "Caminho inválido: {0}.", "Invalid path: {0}."},
	"url_scheme":           {SeverityError, "O endereço deve começar com https://.", "The address must begin with https://."},
	"header_name":          {SeverityError, "\"{0}\" não pode ser um cabeçalho.", "\"{0}\" cannot be a header."},
	"variable_name":        {SeverityError, "\"{0}\" não serve de nome de variável: comece com uma letra e use letras sem acento, números e _; nomes como contact são do sistema.", "\"{0}\" cannot be the name of a variable: begin with a letter and use letters without accents, digits and _; names such as contact are the system's."},
	"variable_type":        {SeverityError, "Tipo de variável \"{0}\" desconhecido.", "Unknown type of variable \"{0}\"."},
	"variable_path":        {SeverityError, "\"{0}\" não é o nome de uma variável.", "\"{0}\" is not the name of a variable."},
	"option_id":            {SeverityError, "\"{0}\" não serve de id: use letras sem acento, números, _ e -, no máximo 64.", "\"{0}\" cannot be an id: use letters without accents, digits, _ and -, at most 64."},
	"option_reserved":      {SeverityError, "O id \"{0}\" já é uma saída de todos os nós; escolha outro.", "The id \"{0}\" is an output every node has; choose another."},
	"option_duplicate":     {SeverityError, "Há mais de uma opção com o id \"{0}\".", "There is more than one option with the id \"{0}\"."},
	"choice_not_last":      {SeverityError, "Um item que espera a escolha ({0}) deve ser o último.", "An item that waits for the choice ({0}) must be the last one."},
	"open_ticket_not_last": {SeverityError, "Abrir a conversa deve ser a última ação.", "Opening the ticket must be the last action."},
	"weights_zero":         {SeverityError, "Dê peso a pelo menos um caminho.", "Give at least one branch a weight."},
	"rules_too_deep":       {SeverityError, "Grupos de regras vão até {0} níveis.", "Groups of rules go {0} levels deep."},
	"locale_pointer":       {SeverityWarning, "A tradução aponta para \"{0}\", que não é um texto deste nó.", "The translation points at \"{0}\", which is no text of this node."},
	"trigger_id":           {SeverityError, "\"{0}\" não serve de id de gatilho, ou já existe.", "\"{0}\" cannot be the id of a trigger, or is taken."},
	"trigger_kind":         {SeverityError, "Não existe o tipo de gatilho \"{0}\".", "There is no kind of trigger \"{0}\"."},
}
