package flow

import (
	"regexp"
	"strings"
)

// reasonTexts say in Portuguese why a text, an expression or a value is refused. What stands in brackets is taken over. The
// first that fits counts.
var reasonTexts = func() []reasonText {
	var out []reasonText
	for _, pair := range [][2]string{
		{`^there is no filter (.+?)(?:; did you mean (.+)\?)?$`, `não existe o filtro $1|; você quis dizer $2?`},
		{`^there is no tag (.+)$`, `não existe a tag $1`},
		{`^(.+) without (.+)$`, `$1 sem $2`},
		{`^(\{%.+%\}) stands alone$`, `$1 está sem o começo`},
		{`^(\{%.+%\}) does not belong to (.+)$`, `$1 não pertence a $2`},
		{`^"\{\{ \}\}" is empty: name a variable$`, `"{{ }}" está vazio: escreva o nome de uma variável`},
		{`^secrets may be used only in the address, headers and body of a request$`, `segredos só podem ser usados no endereço, nos cabeçalhos e no corpo de uma requisição`},
		{`^(.+): a secret is written (.+), without filters or tags$`, `$1: um segredo se escreve $2, sem filtros nem tags`},
		{`^(.+): write (\{% assign nome = valor %\})$`, `$1: escreva $2`},
		{`^(.+) is not understood: write a variable, then filters after "\|"$`, `$1 não foi entendido: escreva uma variável e depois os filtros, separados por "|"`},
		{`^brackets are nested too deep$`, `há colchetes demais, um dentro do outro`},
		{`^want (.+), found (.+)$`, `era preciso $1, mas há $2`},
		{`^want (.+), not (.+)$`, `era preciso $1, não $2`},
		{`^text is longer than (\d+) bytes$`, `o texto passa de $1 bytes`},
		{`^text contains a NUL character$`, `o texto tem um caractere NUL`},
		{`^the expression is not understood$`, `a expressão não foi entendida`},
		{`^the expression is longer than (\d+) bytes$`, `a expressão passa de $1 bytes`},
		{`^the pattern after "matches" must be a text in quotes$`, `o padrão depois de "matches" deve ser um texto entre aspas`},
		{`^write the node of "visits" as a text in quotes$`, `escreva o bloco de "visits" como um texto entre aspas`},
		{`^the function (.+) is not available$`, `a função $1 não está disponível`},
		{`^the operator (.+) is not available$`, `o operador $1 não está disponível`},
		{`^(".+") is not available$`, `$1 não está disponível`},
		{`^a loop over a list inside a loop over a list is not available$`, `não é possível percorrer uma lista dentro de outra`},
		{`^the pattern is longer than (\d+) characters$`, `o padrão passa de $1 caracteres`},
		{`^the pattern is not a regular expression \(RE2\): (.+)$`, `o padrão não é uma expressão regular (RE2): $1`},
		{`^(.+): write a path such as (.+)$`, `$1: escreva um caminho como $2`},
		{`^the path is longer than (\d+) characters$`, `o caminho passa de $1 caracteres`},
		{`^empty duration: write a number and a unit, for example (.+)$`, `duração vazia: escreva um número e uma unidade, por exemplo $1`},
		{`^duration (.+): write whole numbers with the units w, d, h, m or s, for example (.+)$`, `duração $1: escreva números inteiros com as unidades w, d, h, m ou s (semana, dia, hora, minuto, segundo), por exemplo $2`},
		{`^duration (.+) is longer than ten years$`, `a duração $1 passa de dez anos`},
		{`^duration of (.+) seconds is out of range$`, `a duração de $1 segundos está fora do limite`},
		{`^duration (.+): write a string such as (.+)$`, `duração $1: escreva um texto como $2`},
		{`^more than (\d+) values$`, `mais de $1 valores`},
		{`^not a JSON document$`, `há um erro de escrita (vírgula, aspas ou um comentário)`},
		{`^nested more than (\d+) deep$`, `mais de $1 níveis, um dentro do outro`},
		{`^more than one JSON value$`, `há mais de um valor`},
		{`^unknown name (\S+)(.*)$`, `não existe a variável $1$2`},
		{`^unexpected token EOF(.*)$`, `a expressão termina antes da hora$1`},
		{`^unexpected token \w+\("="\)(.*)$`, `para comparar, escreva == e não =$1`},
		{`^unexpected token \w+\("(.*)"\)(.*)$`, `"$1" está fora de lugar$2`},
		{`^invalid operation: (\S+) \(mismatched types (\S+) and (\S+)\)(.*)$`, `$1 não combina $2 com $3$4`},
		{`^expected bool, but got (\S+)(.*)$`, `o resultado deve ser verdadeiro ou falso, não $1$2`},
		{`^unknown field (.+)$`, `não existe o campo $1`},
		{`^cannot call non-function (.+)$`, `$1 não é uma função`},
		{`^(?:too many|not enough) arguments to call (.+)$`, `a função $1 recebe outro número de valores`},
		{`^literal not terminated(.*)$`, `falta fechar as aspas$1`},
	} {
		out = append(out, reasonText{regexp.MustCompile(pair[0]), pair[1]})
	}
	return out
}()

type reasonText struct {
	re *regexp.Regexp
	pt string
}

// kindsPT are words for the kinds of values that reasons name.
var kindsPT = strings.NewReplacer("a whole number", "um número inteiro", "a number", "um número", "a text", "um texto", "yes or no", "sim ou não", "a list", "uma lista", "an object", "um objeto",
	"nothing", "nada", "an id", "um id", "text and number", "texto com número")

// kindsEN are the engine's words for Go's and expr's kinds.
var kindsEN = strings.NewReplacer("float64", "number", "int64", "number", "int", "number", "string", "text", "[]interface {}", "list", "interface {}", "anything", "map[number]anything", "object", "bool", "yes-or-no")

// inPortuguese is a reason in Portuguese; what has no words there stays as it is.
func inPortuguese(reason string) string {
	for _, r := range reasonTexts {
		m := r.re.FindStringSubmatch(reason)
		if m == nil {
			continue
		}
		text, more, _ := strings.Cut(r.pt, "|; ")
		if more != "" && len(m) > 2 && m[2] != "" {
			text += "; " + more
		} else if more == "" {
			text = r.pt
		}
		out := r.re.ReplaceAllString(reason, text)
		if strings.HasPrefix(reason, "want ") {
			out = kindsPT.Replace(out)
		}
		return strings.NewReplacer("mismatched", "", "number", "número", "text ", "texto ", "yes-or-no", "sim ou não").Replace(out)
	}
	return reason
}

// reasoned are the codes whose first argument is a reason in English.
var reasoned = map[Code]bool{
	"document_not_json": true, "document_shape": true, "setting_shape": true, "text_invalid": true, "expression_invalid": true, "pattern_invalid": true, "json_path": true,
}
