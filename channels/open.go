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
	cred := Credentials{Config: map[string]string{}, Secrets: map[string]Secret{}}
	for _, f := range models.ChannelOf(conn.Channel).Fields {
		switch f.Part {
		case models.PartProvider:
			cred.ProviderRef = conn.Value(f)
		case models.PartPortfolio:
			cred.PortfolioRef = conn.Value(f)
		case models.PartConfig:
			cred.Config[f.Name] = conn.Value(f)
		case models.PartSecret:
			if f.Need != models.NeedSending {
				continue // opened where webhooks come in
			}
			plain, err := o.Open(models.ConnectionSecretPlace(conn.ID, f.Name), conn.Credentials[f.Name])
			if err != nil {
				e := models.Errorf(models.CodeInvalid,
					"%s of connection %d cannot be opened: is PERENE_MASTER_KEY the one it was sealed with?", f.Name, conn.ID)
				e.Key = "connection.sealed"
				return nil, Credentials{}, e
			}
			cred.Secrets[f.Name] = NewSecret(string(plain))
		}
	}
	return a, cred, nil
}
