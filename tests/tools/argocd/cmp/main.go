// Argo CD's server of configuration management plugins, its repository server, and one who asks them.
//
//	cmp serve FLAGS…         runs argocd-cmp-server
//	cmp repository ADDRESS   runs argocd-repo-server
//	cmp ask PLACE            reads a list of questions as JSON, asks them all at once, prints the list of answers; the
//	                         place is a socket of the first or, for the whole way, an address of the second
//	cmp check FILE…          reads each file by the type of its kind, which knows no other fields
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/golang/protobuf/ptypes/empty"
	apps "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	repository "github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

type question struct {
	// generate, match, parameters or configuration; whole-generate or whole-parameters
	What string `json:"what"`
	// The directory of the repository, and the application's in it.
	Root string `json:"root"`
	App  string `json:"app"`
	// NAME=VALUE
	Env []string `json:"env"`
	// What the repository server is told of the cluster.
	Kubernetes  string   `json:"kubernetes"`
	ApiVersions []string `json:"apiVersions"`
	// As in an Application; they become environment variables by Argo CD's own code.
	Parameters v1alpha1.ApplicationSourcePluginParameters `json:"parameters"`
	Exclude    []string                                   `json:"exclude"`
	// After this many milliseconds nobody waits for the answer any more; 0 for a minute.
	Patience int `json:"patience"`
}

type answer struct {
	Manifests    []string                            `json:"manifests"`
	Parameters   []*repository.ParameterAnnouncement `json:"parameters"`
	Supported    bool                                `json:"supported"`
	Discovers    bool                                `json:"discovers"`
	Error        string                              `json:"error"`
	Milliseconds int64                               `json:"milliseconds"`
}

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("what to do?"))
	}
	switch os.Args[1] {
	case "serve":
		command := commands.NewCommand()
		command.SetArgs(os.Args[2:])
		if err := command.Execute(); err != nil {
			fail(err)
		}
	case "repository":
		if err := serveRepository(os.Args[2]); err != nil {
			fail(err)
		}
	case "ask":
		ask(os.Args[2])
	case "check":
		for _, file := range os.Args[2:] {
			if err := check(file); err != nil {
				fail(fmt.Errorf("%s: %w", file, err))
			}
		}
	default:
		fail(fmt.Errorf("what is %s?", os.Args[1]))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func ask(place string) {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fail(err)
	}
	answers := make([]answer, len(questions))
	var all sync.WaitGroup
	for at, question := range questions {
		all.Add(1)
		go func() {
			defer all.Done()
			start := time.Now()
			if err := one(place, question, &answers[at]); err != nil {
				answers[at].Error = err.Error()
			}
			answers[at].Milliseconds = time.Since(start).Milliseconds()
		}()
	}
	all.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func one(place string, question question, answer *answer) error {
	patience := time.Minute
	if question.Patience > 0 {
		patience = time.Duration(question.Patience) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if strings.HasPrefix(question.What, "whole-") {
		return whole(ctx, place, question, answer)
	}
	connection, client, err := apiclient.NewConfigManagementPluginClientSet(place).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer connection.Close()
	parameters, err := question.Parameters.Environ()
	if err != nil {
		return err
	}
	env := append(question.Env, parameters...)
	send := func(stream cmp.StreamSender) error {
		return cmp.SendRepoStream(ctx, question.App, question.Root, stream, env, question.Exclude)
	}
	switch question.What {
	case "configuration":
		response, err := client.CheckPluginConfiguration(ctx, &empty.Empty{})
		answer.Discovers = response.GetIsDiscoveryConfigured()
		return err
	case "generate":
		stream, err := client.GenerateManifest(ctx)
		if err != nil {
			return err
		}
		if err := send(stream); err != nil {
			return err
		}
		response, err := stream.CloseAndRecv()
		answer.Manifests = response.GetManifests()
		return err
	case "match":
		stream, err := client.MatchRepository(ctx)
		if err != nil {
			return err
		}
		if err := send(stream); err != nil {
			return err
		}
		response, err := stream.CloseAndRecv()
		answer.Supported, answer.Discovers = response.GetIsSupported(), response.GetIsDiscoveryEnabled()
		return err
	case "parameters":
		stream, err := client.GetParametersAnnouncement(ctx)
		if err != nil {
			return err
		}
		if err := send(stream); err != nil {
			return err
		}
		response, err := stream.CloseAndRecv()
		answer.Parameters = response.GetParameterAnnouncements()
		return err
	default:
		return fmt.Errorf("what is %s?", question.What)
	}
}

// check reads a file by the types of Argo CD and Kubernetes, which know no other fields.
func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var meta struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(text, &meta); err != nil {
		return err
	}
	switch meta.Kind {
	case "Application":
		return yaml.UnmarshalStrict(text, &v1alpha1.Application{})
	case "ApplicationSet":
		return yaml.UnmarshalStrict(text, &v1alpha1.ApplicationSet{})
	case "Deployment":
		return yaml.UnmarshalStrict(text, &apps.Deployment{})
	case plugin.ConfigManagementPluginKind:
		if err := yaml.UnmarshalStrict(text, &plugin.PluginConfig{}); err != nil {
			return err
		}
		_, err := plugin.ReadPluginConfig(filepath.Dir(file))
		return err
	default:
		return fmt.Errorf("no check for a %s", meta.Kind)
	}
}
