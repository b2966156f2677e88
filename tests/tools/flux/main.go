// Command flux is, for tests, what stands around Flux, and Flux itself:
//
//   - registry ADDRESS DIR: the reference registry, with its content below DIR. A file `users` there, as htpasswd writes
//     it, says who may use it; files `cert.pem` and `key.pem` make it speak TLS. `registry certificate DIR` and
//     `registry user DIR NAME PASSWORD` write these.
//   - push URL DIR: pushes a directory as `flux push artifact --reproducible` does.
//   - pull URL DIR [USER PASSWORD]: pulls and extracts an artifact as source-controller does; prints its manifest, its
//     configuration and its digest.
//   - health: reads [{"check": …, "object": …}], and prints what kustomize-controller takes each object for.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/oci"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	"golang.org/x/crypto/bcrypt"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	command := append(arguments, make([]string, 5)...)
	switch command[0] {
	case "registry":
		switch command[1] {
		case "certificate":
			return certificate(command[2])
		case "user":
			return user(command[2], command[3], command[4])
		}
		return serve(command[1], command[2])
	case "push":
		return push(command[1], command[2])
	case "pull":
		return pull(command[1], command[2], command[3], command[4])
	case "health":
		return health()
	}
	return fmt.Errorf("unknown command %q", command[0])
}

func serve(address, directory string) error {
	config := &configuration.Configuration{
		Version: "0.1",
		Storage: configuration.Storage{"filesystem": configuration.Parameters{"rootdirectory": filepath.Join(directory, "content")}},
	}
	config.Log.Level = "error"
	config.HTTP.Addr = address
	if users := filepath.Join(directory, "users"); exists(users) {
		config.Auth = configuration.Auth{"htpasswd": configuration.Parameters{"realm": "test", "path": users}}
	}
	if certificate := filepath.Join(directory, "cert.pem"); exists(certificate) {
		config.HTTP.TLS.Certificate = certificate
		config.HTTP.TLS.Key = filepath.Join(directory, "key.pem")
	}
	server, err := registry.NewRegistry(context.Background(), config)
	if err != nil {
		return err
	}
	return server.ListenAndServe()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// certificate makes one for 127.0.0.2, which no tool takes for this machine's own registry, and its authority's, ca.pem.
func certificate(directory string) error {
	authority := x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	server := x509.Certificate{
		SerialNumber: big.NewInt(2),
		NotBefore:    authority.NotBefore,
		NotAfter:     authority.NotAfter,
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 2)},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	root, err := x509.CreateCertificate(rand.Reader, &authority, &authority, &signer.PublicKey, signer)
	if err != nil {
		return err
	}
	signed, err := x509.CreateCertificate(rand.Reader, &server, &authority, &key.PublicKey, signer)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	files := map[string]*pem.Block{
		"ca.pem":   {Type: "CERTIFICATE", Bytes: root},
		"cert.pem": {Type: "CERTIFICATE", Bytes: signed},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: private},
	}
	for name, block := range files {
		if err := os.WriteFile(filepath.Join(directory, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func user(directory, name, password string) error {
	hashed, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "users"), fmt.Appendf(nil, "%s:%s\n", name, hashed), 0o600)
}

func push(url, directory string) error {
	meta := oci.Metadata{Created: time.Unix(0, 0).UTC().Format(time.RFC3339), Source: "here", Revision: "main@sha1:0a"}
	client := oci.NewClient(oci.DefaultOptions())
	digest, err := client.Push(context.Background(), url, directory, oci.WithPushMetadata(meta))
	fmt.Println(digest)
	return err
}

func pull(url, directory, name, password string) error {
	options := oci.DefaultOptions()
	if name != "" {
		options = append(options, crane.WithAuth(&authn.Basic{Username: name, Password: password}))
	}
	meta, err := oci.NewClient(options).Pull(context.Background(), url, directory)
	if err != nil {
		return err
	}
	manifest, err := crane.Manifest(url, options...)
	if err != nil {
		return err
	}
	config, err := crane.Config(url, options...)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"digest":   meta.Digest,
		"revision": meta.Revision,
		"source":   meta.Source,
		"manifest": json.RawMessage(manifest),
		"config":   json.RawMessage(config),
	})
}

func health() error {
	var questions []struct {
		Check  kustomize.CustomHealthCheck `json:"check"`
		Object map[string]any              `json:"object"`
	}
	decoder := json.NewDecoder(os.Stdin)
	if err := decoder.Decode(&questions); err != nil {
		return err
	}
	answers := []map[string]string{}
	for _, question := range questions {
		evaluator, err := cel.NewStatusEvaluator(&question.Check.HealthCheckExpressions)
		if err != nil {
			return err
		}
		answer := map[string]string{}
		object := unstructured.Unstructured{Object: integers(question.Object).(map[string]any)}
		if result, err := evaluator.Evaluate(context.Background(), &object); err != nil {
			answer["error"] = err.Error()
		} else {
			answer["status"] = string(result.Status)
		}
		answers = append(answers, answer)
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

// integers makes of numbers what they are in an object from the API server.
func integers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = integers(inner)
		}
	case []any:
		for at, inner := range value {
			value[at] = integers(inner)
		}
	case float64:
		return int64(value)
	}
	return value
}
