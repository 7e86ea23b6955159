package channels

import "github.com/perene/perene/models"

// Opener opens what is sealed at rest.
type Opener interface {
	Open(place string, sealed []byte) ([]byte, error)
}

// Open finds the adapter of a connection among those by channel, and opens what the connection speaks with. Its errors are
// final: another try changes nothing before somebody changes the program or the connection.
func Open(adapters map[string]Adapter, o Opener, conn *models.Connection) (Adapter, Credentials, error) {
	a := adapters[conn.Channel]
	if a == nil {
		return nil, Credentials{}, &models.Error{Code: models.CodeInvalid, Key: "connection.no_adapter",
			Message: "this program has no adapter for channel " + conn.Channel}
	}
	token, err := o.Open(models.ConnectionSecretPlace(conn.ID, models.SecretAccessToken), conn.AccessToken)
	if err != nil {
		e := models.Errorf(models.CodeInvalid, "the token of connection %d cannot be opened: is PERENE_MASTER_KEY the one it was sealed with?", conn.ID)
		e.Key = "connection.sealed"
		return nil, Credentials{}, e
	}
	cred := Credentials{BaseURL: conn.GraphBaseURL, Version: conn.GraphVersion, Token: NewSecret(string(token))}
	if conn.PhoneNumberID != nil {
		cred.PhoneNumberID = *conn.PhoneNumberID
	}
	if conn.WABAID != nil {
		cred.BusinessID = *conn.WABAID
	}
	return a, cred, nil
}
