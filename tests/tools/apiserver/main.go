// Command apiserver is, for tests, what a Kubernetes control plane is made of: called as `etcd`, `kube-apiserver` or
// `kubectl`, with the flags of these programs.
//
// Called as `proxy ADDRESS MODE FROM`, it stands on loopback before a server that it finds by a kubeconfig, FROM, and
// fails as servers fail: `busy` refuses each request that it has not yet seen twice, with 429 and 503 in turn; `dying`
// answers some requests and then nothing any more.
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// answered is how many requests a dying server answers.
const answered = 40

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("usage: apiserver etcd | kube-apiserver | kubectl | proxy")
	}
	os.Args = arguments
	switch arguments[0] {
	case "etcd":
		etcdmain.Main(arguments)
		return nil
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kubectl":
		return cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand())
	case "proxy":
		if len(arguments) == 4 {
			return proxy(arguments[1], arguments[2], arguments[3])
		}
	}
	return fmt.Errorf("there is no %v", arguments)
}

func proxy(address, mode, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(request *httputil.ProxyRequest) { request.SetURL(target) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 64},
	}
	faults := &faults{mode: mode, seen: map[string]int{}, next: forward}
	return http.ListenAndServe(address, faults)
}

type faults struct {
	mode  string
	mutex sync.Mutex
	total int
	seen  map[string]int
	next  http.Handler
}

func (f *faults) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	f.mutex.Lock()
	f.total++
	key := request.Method + " " + request.URL.String()
	f.seen[key]++
	total, times := f.total, f.seen[key]
	f.mutex.Unlock()
	switch {
	case f.mode == "busy" && times == 1:
		http.Error(writer, "too many requests", http.StatusTooManyRequests)
	case f.mode == "busy" && times == 2:
		http.Error(writer, "not ready", http.StatusServiceUnavailable)
	case f.mode == "dying" && total > answered:
		// The connection ends without an answer.
		panic(http.ErrAbortHandler)
	default:
		f.next.ServeHTTP(writer, request)
	}
}
