package main

import (
	"context"
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"

	server "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	repository "github.com/argoproj/argo-cd/v3/reposerver/apiclient"
)

// serveRepository runs argocd-repo-server at an address, with a Redis that lives in this process.
func serveRepository(address string) error {
	redis, err := miniredis.Run()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	command := server.NewCommand()
	command.SetArgs([]string{
		"--address", host, "--port", port, "--metrics-address", host, "--metrics-port", "0", "--disable-tls",
		"--redis", redis.Addr(), "--loglevel", "error",
	})
	return command.Execute()
}

// whole asks a repository server, as Argo CD's application controller and user interface do.
func whole(ctx context.Context, address string, question question, answer *answer) error {
	clients := repository.NewRepoServerClientset(address, 60, repository.TLSConfiguration{DisableTLS: true})
	connection, client, err := clients.NewRepoServerClient()
	if err != nil {
		return err
	}
	defer connection.Close()
	repo := &v1alpha1.Repository{Repo: "file://" + question.Root}
	source := &v1alpha1.ApplicationSource{
		RepoURL: repo.Repo, TargetRevision: "HEAD", Path: question.App,
		Plugin: &v1alpha1.ApplicationSourcePlugin{Name: "flinkc", Parameters: question.Parameters},
	}
	switch question.What {
	case "whole-generate":
		response, err := client.GenerateManifest(ctx, &repository.ManifestRequest{
			Repo: repo, Revision: "HEAD", AppName: "app", Namespace: "default", ApplicationSource: source,
			NoCache: true, NoRevisionCache: true, KubeVersion: question.Kubernetes, ApiVersions: question.ApiVersions,
			ProjectName: "default", ProjectSourceRepos: []string{"*"},
		})
		answer.Manifests = response.GetManifests()
		return err
	case "whole-parameters":
		response, err := client.GetAppDetails(ctx, &repository.RepoServerAppDetailsQuery{
			Repo: repo, Source: source, AppName: "app", NoCache: true, NoRevisionCache: true,
		})
		if response != nil && response.Plugin != nil {
			answer.Parameters = response.Plugin.ParametersAnnouncement
		}
		return err
	default:
		return fmt.Errorf("what is %s?", question.What)
	}
}
