package recipes

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secops issues a token for an assertion that the service account has signed, and with the token
// receives as the Ingestion API of Google SecOps does.
func (a *arrivals) secops(key *rsa.PublicKey) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		host, _, _ := strings.Cut(req.Host, ":")
		switch host + req.URL.Path {
		case "oauth2.googleapis.com/token":
			a.assertion(req.FormValue("assertion"), key)
			_, _ = io.WriteString(w, `{"access_token":"access-1","expires_in":3599,"token_type":"Bearer"}`)
			return
		case "malachiteingestion-pa.googleapis.com/v2/logtypes":
			_, _ = io.WriteString(w, `{"logTypes":[{"logType":"ATLASSIAN_CONFLUENCE","description":"Atlassian Confluence"},`+
				`{"logType":"ATLASSIAN_JIRA","description":"Atlassian Jira"},{"logType":"ATLASSIAN_ORGANIZATION","description":"Our own"}]}`)
		case "malachiteingestion-pa.googleapis.com/v2/unstructuredlogentries:batchCreate":
			text := a.body(req)
			if len(text) > 1<<20 {
				a.mistake("%d bytes, the API takes 1 MB", len(text))
			}
			var batch struct {
				Customer string `json:"customer_id"`
				Type     string `json:"log_type"`
				Entries  []struct {
					Text string `json:"log_text"`
				}
			}
			if err := json.Unmarshal(text, &batch); err != nil {
				a.mistake("no batch: %v", err)
			}
			a.require("customer", batch.Customer, "c8c65bfa-5f2c-42d4-9189-64bb7b939f2c")
			for _, entry := range batch.Entries {
				event := a.object([]byte(entry.Text))
				id := at(event, "atlassian", "event_id")
				a.require("log type", batch.Type, "ATLASSIAN_"+strings.ToUpper(a.products[id]))
				a.take(id, event)
			}
			_, _ = io.WriteString(w, "{}")
		default:
			a.mistake("a request to %s%s", host, req.URL.Path)
		}
		a.require("authorization", req.Header.Get("Authorization"), "Bearer access-1")
	}
}

// assertion checks a JSON web token: claims and signature.
func (a *arrivals) assertion(token string, key *rsa.PublicKey) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		a.mistake("the assertion is no web token: %.100q", token)
		return
	}
	claims, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	a.require("issuer", at(a.object(claims), "iss"), "audit@acme.iam.gserviceaccount.com")
	signature, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
		a.mistake("the signature of the assertion: %v", err)
	}
}

func TestSecOps(t *testing.T) {
	eachForm(t, "secops", func(r *recipe) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			r.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			r.Fatal(err)
		}
		credentials, err := json.Marshal(map[string]string{
			"type": "service_account", "project_id": "acme", "private_key_id": "1", "client_email": "audit@acme.iam.gserviceaccount.com",
			"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "client_id": "1",
			"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token",
		})
		if err != nil {
			r.Fatal(err)
		}
		path := filepath.Join(r.dir, "credentials.json")
		if err := os.WriteFile(path, credentials, 0o600); err != nil {
			r.Fatal(err)
		}
		got := arrivals{products: r.products()}
		env := r.cloud(got.secops(&key.PublicKey))
		env["SECOPS_ORGANIZATION_LOG_TYPE"] = "ATLASSIAN_ORGANIZATION"
		env["SECOPS_CREDENTIALS"], env["SECOPS_PROJECT_ID"], env["SECOPS_CUSTOMER_ID"] = path, "acme", "c8c65bfa-5f2c-42d4-9189-64bb7b939f2c"
		r.start(env)
		got.wantAll(r.T, r.expected(raw))
	})
}
