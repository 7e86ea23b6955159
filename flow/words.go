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
