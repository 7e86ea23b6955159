package flow

import "strings"

// words are the texts the engine says by itself, in Portuguese, English and Spanish. A designer's own text always comes
// first. {0} and {1} are the bounds that an answer does not keep.
var words = map[string][3]string{
	"choose_number": {"Responda com o número da opção.", "Reply with the number of the option.", "Responde con el número de la opción."},
	"choose":        {"Escolha uma opção:", "Choose an option:", "Elige una opción:"},
	"open":          {"Abrir", "Open", "Abrir"},
	"open_link":     {"Toque para abrir:", "Tap to open:", "Toca para abrir:"},
	"have_a_look":   {"Veja:", "Have a look:", "Mira:"},
	"products":      {"Produtos", "Products", "Productos"},
	"options":       {"Ver opções", "See options", "Ver opciones"},
	"more_options":  {"Mais opções", "More options", "Más opciones"},
	"yes":           {"Sim", "Yes", "Sí"},
	"no":            {"Não", "No", "No"},
	"invalid": {
		"Não entendi sua resposta. Pode tentar de novo?", "I did not understand. Could you try again?", "No entendí tu respuesta. ¿Puedes intentarlo de nuevo?",
	},
	"invalid_option": {
		"Não encontrei essa opção. Escolha uma das opções acima.", "I could not find that option. Please choose one of the options above.",
		"No encontré esa opción. Elige una de las opciones de arriba.",
	},
	"invalid_options": {
		"Não encontrei todas essas opções. Envie os números separados por vírgula, por exemplo: 1, 3.",
		"I could not find all of those options. Send the numbers separated by commas, for example: 1, 3.",
		"No encontré todas esas opciones. Envía los números separados por comas, por ejemplo: 1, 3.",
	},
	"invalid_text": {"Envie sua resposta em texto, por favor.", "Please send your answer as text.", "Envía tu respuesta en texto, por favor."},
	"invalid_length": {
		"Essa resposta não tem o tamanho esperado. Pode tentar de novo?", "That answer does not have the expected length. Could you try again?",
		"Esa respuesta no tiene el tamaño esperado. ¿Puedes intentarlo de nuevo?",
	},
	"invalid_number": {
		"Isso não parece um número válido. Envie só o número, por exemplo: 42.", "That does not look like a valid number. Send just the number, for example: 42.",
		"Eso no parece un número válido. Envía solo el número, por ejemplo: 42.",
	},
	"invalid_number_range": {"Envie um número de {0} a {1}.", "Please send a number from {0} to {1}.", "Envía un número de {0} a {1}."},
	"invalid_number_least": {"Envie um número a partir de {0}.", "Please send a number from {0} on.", "Envía un número a partir de {0}."},
	"invalid_number_most":  {"Envie um número até {1}.", "Please send a number up to {1}.", "Envía un número hasta {1}."},
	"invalid_whole":        {"Envie um número inteiro, sem vírgula.", "Please send a whole number, without decimals.", "Envía un número entero, sin decimales."},
	"invalid_email": {
		"Esse e-mail não parece válido. Envie no formato nome@exemplo.com.", "That e-mail does not look valid. Send it like name@example.com.",
		"Ese correo no parece válido. Envíalo como nombre@ejemplo.com.",
	},
	"invalid_phone": {
		"Esse telefone não parece válido. Envie com DDD, por exemplo: (11) 91234-5678.", "That phone number does not look valid. Send it with the area code.",
		"Ese teléfono no parece válido. Envíalo con el código de área.",
	},
	"invalid_phone_area": {
		"Faltou o DDD. Envie por exemplo: (11) 91234-5678.", "The area code is missing. Send it for example like (11) 91234-5678.",
		"Falta el código de área. Envíalo por ejemplo como (11) 91234-5678.",
	},
	"invalid_phone_short": {
		"Falta um número: o celular tem 9 números depois do DDD.", "A digit is missing: a mobile number has 9 digits after the area code.",
		"Falta un número: el móvil tiene 9 números después del código de área.",
	},
	"invalid_cpf": {
		"Esse CPF não é válido. Confira os 11 números e envie de novo.", "That CPF is not valid. Check the 11 digits and send it again.",
		"Ese CPF no es válido. Revisa los 11 números y envíalo de nuevo.",
	},
	"invalid_cpf_length": {
		"Um CPF tem 11 números. Confira e envie de novo.", "A CPF has 11 digits. Check it and send it again.", "Un CPF tiene 11 números. Revísalo y envíalo de nuevo.",
	},
	"invalid_cnpj": {
		"Esse CNPJ não é válido. Confira os 14 caracteres e envie de novo.", "That CNPJ is not valid. Check the 14 characters and send it again.",
		"Ese CNPJ no es válido. Revisa los 14 caracteres y envíalo de nuevo.",
	},
	"invalid_cnpj_length": {
		"Um CNPJ tem 14 caracteres. Confira e envie de novo.", "A CNPJ has 14 characters. Check it and send it again.", "Un CNPJ tiene 14 caracteres. Revísalo y envíalo de nuevo.",
	},
	"invalid_cpf_cnpj": {
		"Esse CPF ou CNPJ não é válido. Confira os números e envie de novo.", "That CPF or CNPJ is not valid. Check it and send it again.",
		"Ese CPF o CNPJ no es válido. Revísalo y envíalo de nuevo.",
	},
	"invalid_cep": {
		"Esse CEP não é válido. Envie os 8 números, por exemplo: 01310-100.", "That CEP is not valid. Send its 8 digits, for example: 01310-100.",
		"Ese CEP no es válido. Envía los 8 números, por ejemplo: 01310-100.",
	},
	"invalid_date": {
		"Não entendi a data. Envie no formato dia/mês/ano, por exemplo: 25/12/2026.", "I did not understand the date. Send it as day/month/year, for example: 25/12/2026.",
		"No entendí la fecha. Envíala como día/mes/año, por ejemplo: 25/12/2026.",
	},
	"invalid_date_range": {"Envie uma data de {0} a {1}.", "Please send a date from {0} to {1}.", "Envía una fecha de {0} a {1}."},
	"invalid_date_least": {"Envie uma data a partir de {0}.", "Please send a date from {0} on.", "Envía una fecha a partir de {0}."},
	"invalid_date_most":  {"Envie uma data até {1}.", "Please send a date up to {1}.", "Envía una fecha hasta {1}."},
	"invalid_time":       {"Não entendi o horário. Envie por exemplo: 14:30.", "I did not understand the time. Send it like 14:30.", "No entendí la hora. Envíala como 14:30."},
	"invalid_time_range": {"Envie um horário de {0} a {1}.", "Please send a time from {0} to {1}.", "Envía una hora de {0} a {1}."},
	"invalid_time_least": {"Envie um horário a partir de {0}.", "Please send a time from {0} on.", "Envía una hora a partir de {0}."},
	"invalid_time_most":  {"Envie um horário até {1}.", "Please send a time up to {1}.", "Envía una hora hasta {1}."},
	"invalid_yes_no":     {"Responda com Sim ou Não, por favor.", "Please answer Yes or No.", "Responde Sí o No, por favor."},
	"invalid_rating":     {"Envie uma nota da escala, por favor.", "Please send a rating from the scale.", "Envía una nota de la escala, por favor."},
	"invalid_rating_range": {
		"Envie uma nota de {0} a {1}, por favor.", "Please send a rating from {0} to {1}.", "Envía una nota de {0} a {1}, por favor.",
	},
	"invalid_file":      {"Envie um arquivo, por favor.", "Please send a file.", "Envía un archivo, por favor."},
	"invalid_file_size": {"Esse arquivo é grande demais. Envie um menor, por favor.", "That file is too large. Please send a smaller one.", "Ese archivo es demasiado grande. Envía uno más pequeño, por favor."},
	"invalid_file_type": {"Esse tipo de arquivo não serve. Envie outro, por favor.", "That kind of file will not do. Please send another.", "Ese tipo de archivo no sirve. Envía otro, por favor."},
	"invalid_image":     {"Envie uma imagem, por favor.", "Please send a picture.", "Envía una imagen, por favor."},
	"invalid_audio":     {"Envie um áudio, por favor.", "Please send an audio message.", "Envía un audio, por favor."},
	"invalid_video":     {"Envie um vídeo, por favor.", "Please send a video.", "Envía un video, por favor."},
	"invalid_location":  {"Envie sua localização, por favor.", "Please send your location.", "Envía tu ubicación, por favor."},
}

// say is one of the engine's own texts in a language.
func say(language, key string) string { return inLanguage(language, words[key]) }

// inLanguage picks one of the texts in Portuguese, English and Spanish.
func inLanguage(language string, texts [3]string) string {
	switch {
	case isLanguage(language, "en"):
		return texts[1]
	case isLanguage(language, "es"):
		return texts[2]
	}
	return texts[0]
}

// isLanguage reports whether a tag such as "en-US" is of a language.
func isLanguage(tag, language string) bool {
	return len(tag) >= 2 && strings.EqualFold(tag[:2], language) && (len(tag) == 2 || tag[2] == '-' || tag[2] == '_')
}
