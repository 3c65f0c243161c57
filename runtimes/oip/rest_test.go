package oip_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// web is a server of REST in this process; infer answers requests for numbers.
func web(t *testing.T, infer func(w http.ResponseWriter, id string)) *httptest.Server {
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, text)
	}
	mux.HandleFunc("GET /gateway/v2", func(w http.ResponseWriter, _ *http.Request) { say(w, `{"name":"web","version":"2","extensions":[]}`) })
	mux.HandleFunc("GET /gateway/v2/models/m/ready", func(w http.ResponseWriter, _ *http.Request) { say(w, `{"name":"m","ready":true}`) })
	mux.HandleFunc("GET /gateway/v2/models/m", func(w http.ResponseWriter, _ *http.Request) {
		say(w, `{"name":"m","platform":"","inputs":[{"name":"x","datatype":"FP32","shape":[-1,4]}],"outputs":[{"name":"scores","datatype":"FP32","shape":[-1,3]}]}`)
	})
	mux.HandleFunc("POST /gateway/v2/models/m/infer", func(w http.ResponseWriter, r *http.Request) {
		var q struct{ ID string }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		infer(w, q.ID)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// good answers one row.
func good(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"id":%q,"model_name":"m","outputs":[{"name":"scores","datatype":"FP32","shape":[1,3],"data":[[3, null,1e0]]}]}`, id)
}

func TestREST(t *testing.T) {
	var infer atomic.Value
	infer.Store(good)
	asked := 0
	s := web(t, func(w http.ResponseWriter, id string) {
		asked++
		infer.Load().(func(http.ResponseWriter, string))(w, id)
	})
	m, err := oip.Open(s.URL+"/gateway/v2", "m", oip.Scores(oip.Raw), oip.MaxBatch(1), oip.Retries(2))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	got, err := predict(m, row(1, 2, 3, 4))
	if err != nil || got[0][0] != 3 || !math.IsNaN(float64(got[0][1])) || got[0][2] != 1 {
		t.Errorf("%v: %v", got, err)
	}
	for _, bad := range []struct {
		name  string
		infer func(http.ResponseWriter, string)
		kind  error
		times int
		words string
	}{
		{"busy", func(w http.ResponseWriter, _ string) { http.Error(w, "busy", http.StatusServiceUnavailable) }, oip.ErrUnavailable, 3, "(503): busy (in 3 attempts)"},
		{"broken", func(w http.ResponseWriter, _ string) {
			w.Header().Set("Content-Length", "1000")
			_, _ = fmt.Fprint(w, `{"id":`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, oip.ErrUnavailable, 3, "closed before the end of the answer (in 3 attempts)"},
		{"refused", func(w http.ResponseWriter, _ string) { http.Error(w, `{"error":"wrong shape"}`, http.StatusBadRequest) }, oip.ErrRefused, 1, `(400): wrong shape; it was asked with "x" (FP32 [1 4])`},
		{"no key", func(w http.ResponseWriter, _ string) {
			http.Error(w, `{"detail":{"why":"no"}}`, http.StatusUnauthorized)
		}, oip.ErrRefused, 1, `(401): {"why":"no"}; oip.Token`},
		{"a page", func(w http.ResponseWriter, _ string) { _, _ = fmt.Fprint(w, "<html>Sign in</html>") }, nil, 1, `expected an answer of the type application/json, found "text/html; charset=utf-8": <html>Sign in</html>`},
		{"elsewhere", func(w http.ResponseWriter, _ string) { w.Header().Set("Location", "/login"); w.WriteHeader(302) }, nil, 1, `found a redirection (302) to "/login"`},
		{"other id", func(w http.ResponseWriter, _ string) { good(w, "other") }, nil, 1, `expected the answer to the request`},
		{"words", func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"id":%q,"outputs":[{"name":"scores","datatype":"FP32","shape":[1,3],"data":["a","b","c"]}]}`, id)
		}, nil, 1, `output "scores": expected a number of FP32, found "\"a\""`},
		{"short", func(w http.ResponseWriter, id string) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Inference-Header-Content-Length", "100000")
			_, _ = fmt.Fprint(w, `{}`)
		}, nil, 1, `expected a length of at most 2 bytes`},
	} {
		infer.Store(bad.infer)
		asked = 0
		_, err := predict(m, row(1, 2, 3, 4))
		fails(t, err, bad.kind, bad.words)
		if asked != bad.times {
			t.Errorf("%s: asked %d times, expected %d", bad.name, asked, bad.times)
		}
	}
	_, err = oip.Open(s.URL, "m")
	fails(t, err, nil, "(404)", "/v2/models/m")
	if _, err := oip.Open(s.URL, "m", oip.Protocol(oip.GRPC)); err == nil {
		t.Error("expected an error of gRPC at an address of HTTP")
	}
}

func TestTLS(t *testing.T) {
	lender := httptest.NewTLSServer(nil)
	defer lender.Close()
	f := rowsModel()
	f.tls = grpc.Creds(credentials.NewServerTLSFromCert(&lender.TLS.Certificates[0]))
	f.start(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(lender.Certificate())
	m := openFake(t, f, oip.TLS(&tls.Config{RootCAs: trusted}), oip.Token("secret"))
	if _, err := predict(m, row(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	if f.seen.Get("authorization")[0] != "Bearer secret" {
		t.Errorf("%v", f.seen)
	}
	_, err := oip.Open(f.address, "m", oip.TLS(nil))
	fails(t, err, nil, "expected a server whose certificate oip.TLS trusts")
	_, err = oip.Open("https://"+f.address, "m")
	fails(t, err, nil, "expected a server whose certificate oip.TLS trusts")
	_, err = oip.Open("http://"+f.address, "m", oip.TLS(nil))
	fails(t, err, nil, "expected an address of a server with TLS")
}

func TestPairsOfOneServer(t *testing.T) {
	f := rowsModel().start(t)
	for want, options := range map[string][]oip.Option{
		"m-1 m-2":   {oip.Original(oip.Version("1")), oip.Compressed(oip.Version("2"))},
		"old m":     {oip.Original(oip.Name("old"))},
		"m-1 other": {oip.Original(oip.Version("1")), oip.Compressed(oip.Name("other"))},
	} {
		pair, err := oip.OpenPair(f.address, "m", "m", append(options, oip.Scores(oip.Logits))...)
		if err != nil {
			t.Fatal(err)
		}
		o, c := pair.Describe()
		if got := o.Name + " " + c.Name; got != want && want != "old m" || o.Name == c.Name {
			t.Errorf("%s, expected %s", got, want)
		}
		_ = pair.Close()
	}
	_, err := oip.OpenPair(f.address, "m", "n", oip.Scores(oip.Logits))
	fails(t, err, oip.ErrNoModel, `expected a model "n"`)
	g := rowsModel().start(t)
	pair, err := oip.OpenPair(f.address, "m", "m", oip.Compressed(oip.Server(g.address)), oip.Scores(oip.Logits))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pair.Close() }()
	if o, c := pair.Describe(); o.Settings["server"] != f.address || c.Settings["server"] != g.address || o.Name == c.Name {
		t.Errorf("%v, %v", o, c)
	}
}
