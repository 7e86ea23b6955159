package flow

import "strings"

// words are the texts the engine says by itself, in Portuguese and English. A designer's own text always comes first.
var words = map[string][2]string{
	"choose_number":  {"Responda com o número da opção.", "Reply with the number of the option."},
	"choose":         {"Escolha uma opção:", "Choose an option:"},
	"open":           {"Abrir", "Open"},
	"open_link":      {"Toque para abrir:", "Tap to open:"},
	"options":        {"Ver opções", "See options"},
	"yes":            {"Sim", "Yes"},
	"no":             {"Não", "No"},
	"invalid":        {"Não entendi sua resposta. Pode tentar de novo?", "I did not understand. Could you try again?"},
	"invalid_option": {"Não encontrei essa opção. Escolha uma das opções acima.", "I could not find that option. Please choose one of the options above."},
	"invalid_options": {
		"Não encontrei todas essas opções. Envie os números separados por vírgula, por exemplo: 1, 3.",
		"I could not find all of those options. Send the numbers separated by commas, for example: 1, 3.",
	},
	"invalid_text":     {"Envie sua resposta em texto, por favor.", "Please send your answer as text."},
	"invalid_length":   {"Essa resposta não tem o tamanho esperado. Pode tentar de novo?", "That answer does not have the expected length. Could you try again?"},
	"invalid_number":   {"Isso não parece um número válido. Envie só o número, por exemplo: 42.", "That does not look like a valid number. Send just the number, for example: 42."},
	"invalid_email":    {"Esse e-mail não parece válido. Envie no formato nome@exemplo.com.", "That e-mail does not look valid. Send it like name@example.com."},
	"invalid_phone":    {"Esse telefone não parece válido. Envie com DDD, por exemplo: (11) 91234-5678.", "That phone number does not look valid. Send it with the area code."},
	"invalid_cpf":      {"Esse CPF não é válido. Confira os 11 números e envie de novo.", "That CPF is not valid. Check the 11 digits and send it again."},
	"invalid_cnpj":     {"Esse CNPJ não é válido. Confira os 14 caracteres e envie de novo.", "That CNPJ is not valid. Check the 14 characters and send it again."},
	"invalid_cep":      {"Esse CEP não é válido. Envie os 8 números, por exemplo: 01310-100.", "That CEP is not valid. Send its 8 digits, for example: 01310-100."},
	"invalid_date":     {"Não entendi a data. Envie no formato dia/mês/ano, por exemplo: 25/12/2026.", "I did not understand the date. Send it as day/month/year, for example: 25/12/2026."},
	"invalid_time":     {"Não entendi o horário. Envie por exemplo: 14:30.", "I did not understand the time. Send it like 14:30."},
	"invalid_yes_no":   {"Responda com Sim ou Não, por favor.", "Please answer Yes or No."},
	"invalid_rating":   {"Envie uma nota da escala, por favor.", "Please send a rating from the scale."},
	"invalid_file":     {"Envie um arquivo, por favor.", "Please send a file."},
	"invalid_image":    {"Envie uma imagem, por favor.", "Please send a picture."},
	"invalid_audio":    {"Envie um áudio, por favor.", "Please send an audio message."},
	"invalid_video":    {"Envie um vídeo, por favor.", "Please send a video."},
	"invalid_location": {"Envie sua localização, por favor.", "Please send your location."},
}

// say is one of the engine's own texts in a language.
func say(language, key string) string {
	w := words[key]
	if strings.HasPrefix(language, "en") {
		return w[1]
	}
	return w[0]
}

// stopTexts are the red lines agents see. The line of a template that could not be sent is rule 131's, to the letter.
var stopTexts = map[Reason][2]string{
	ReasonNoEdge: {"--- Fluxo parado em \"{0}\": a saída não leva a lugar nenhum ---", "--- Flow stopped at \"{0}\": the output leads nowhere ---"},
	ReasonWindowClosed: {
		"--- Fluxo parado em \"{0}\": a janela de 24 horas está fechada ---", "--- Flow stopped at \"{0}\": the 24-hour window is closed ---",
	},
	ReasonTicketRefused: {
		"--- Atendimento não aberto em \"{0}\": o agente ou a fila não existe mais ---",
		"--- No ticket opened at \"{0}\": the agent or the queue no longer exists ---",
	},
	ReasonNodeGone:        {"--- Fluxo parado: o nó \"{0}\" não existe mais ---", "--- Flow stopped: the node \"{0}\" no longer exists ---"},
	ReasonFlowGone:        {"--- Fluxo parado: o subfluxo não existe mais ---", "--- Flow stopped: the sub-flow no longer exists ---"},
	ReasonTemplateMissing: {templateLine, templateLine}, ReasonTemplatePaused: {templateLine, templateLine},
	ReasonTemplateRejected: {templateLine, templateLine},
	ReasonStepLimit:        {"--- Fluxo encerrado em \"{0}\": muitos passos sem esperar o contato ---", "--- Flow ended at \"{0}\": too many steps without waiting for the contact ---"},
	ReasonVisitLimit:       {"--- Fluxo encerrado em \"{0}\": limite de passos da execução ---", "--- Flow ended at \"{0}\": the run's limit of steps ---"},
	ReasonSendLimit:        {"--- Fluxo encerrado em \"{0}\": limite de mensagens ---", "--- Flow ended at \"{0}\": limit of messages ---"},
	ReasonInboxLimit:       {"--- Fluxo encerrado em \"{0}\": muitas mensagens sem resposta ---", "--- Flow ended at \"{0}\": too many unanswered messages ---"},
	ReasonStackLimit:       {"--- Fluxo encerrado em \"{0}\": muitos subfluxos um dentro do outro ---", "--- Flow ended at \"{0}\": too many sub-flows inside each other ---"},
	ReasonTooSlow:          {"--- Fluxo parado em \"{0}\": o passo demora demais ---", "--- Flow stopped at \"{0}\": the step takes too long ---"},
	ReasonUnreadable:       {"--- Fluxo parado: esta versão do fluxo não pode mais ser lida; publique-o de novo ---", "--- Flow stopped: this version of the flow can no longer be read; publish it again ---"},
	ReasonStateLimit:       {"--- Fluxo encerrado em \"{0}\": variáveis grandes demais ---", "--- Flow ended at \"{0}\": variables grew too large ---"},
}

const templateLine = "--- Mensagem template não enviada, verifique o fluxo ---"

func stopText(reason Reason, locale, node string) string {
	t, ok := stopTexts[reason]
	if !ok {
		return "--- " + string(reason) + " ---"
	}
	text := t[0]
	if strings.HasPrefix(locale, "en") {
		text = t[1]
	}
	return strings.ReplaceAll(text, "{0}", node)
}
