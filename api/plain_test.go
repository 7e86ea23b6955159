package api

import "testing"

func TestPlainJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"a":"ação 👋🏽"}`: true, `"\u00e7"`: true, `"\\u0000"`: true, `"\\\\u0000 \ud83d\ude00"`: true, `"\uD83D\uDE00"`: true, `"\n\""`: true,
		`"\u0000"`: false, `{"\u0000":1}`: false, `"\\\u0000"`: false, "\"\x00\"": false, "\"\xff\"": false, "\"\xed\xa0\x80\"": false,
		`"\ud83d"`: false, `"\ud83d\n"`: false, `"\ud83dx"`: false, `"\ude00"`: false, `"\ude00\ud83d"`: false, `"\ud83d\ud83d\ude00"`: false, `"\ud83d\u0041"`: false,
		`\`: true, `\u`: true, `\u00`: true, ``: true, `"\ud83d\`: false, `"\ud83d\u00`: false,
	} {
		if got := plainJSON([]byte(text)); got != want {
			t.Errorf("%q: plain %v, want %v", text, got, want)
		}
	}
}
