#!/usr/bin/env bash
# Starts a Flink cluster in native mode, unless it is there.
#
#   submit.sh CLUSTER keep|restart|renew COMMAND…
#
# COMMAND is Flink's own client, which makes the Deployment CLUSTER and all that belongs to it. Where there is one:
#
#   keep     leaves it alone
#   restart  deletes it and starts it again; its jobs go on from their last checkpoint, as high availability knows them
#   renew    the same, for a cluster with one job: the job as it is now takes the place of the one that was stored
#
# Needs what the official images have: bash, wget and Flink. Variables are written without braces, so that Flux leaves
# them alone.
set -uo pipefail

cluster=$1
on_change=$2
shift 2

account=/var/run/secrets/kubernetes.io/serviceaccount
work=$(mktemp -d)

# One request to the API server: a method, a path in the own namespace, and further options of wget. The answer is in
# $work/answer. Returns 4 where there is no such object, and ends the script where anything else is wrong: the Job tries
# again.
request() {
  local method=$1 path=$2
  shift 2
  local server="https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT"
  path=$(printf "$path" "$(cat "$account/namespace")")
  if wget --no-verbose --method="$method" "$@" --header="Authorization: Bearer $(cat "$account/token")" \
    --ca-certificate="$account/ca.crt" --output-document="$work/answer" "$server$path" 2>"$work/log"; then
    return 0
  fi
  if grep -q 'ERROR 404' "$work/log"; then
    return 4
  fi
  echo "submit: $method $path failed" >&2
  cat "$work/log" >&2
  exit 1
}

deployment="/apis/apps/v1/namespaces/%s/deployments/$cluster"
leaders="/api/v1/namespaces/%s/configmaps/$cluster-cluster-config-map"

# Deletes the Deployment, and waits until all that belongs to it is gone. What high availability keeps belongs to nobody.
stop() {
  request DELETE "$deployment?propagationPolicy=Foreground"
  for _ in $(seq 60); do
    request GET "$deployment" || return 0
    sleep 5
  done
  echo "submit: the cluster $cluster is still there, five minutes after it was deleted" >&2
  exit 1
}

# Forgets how the job looked, in Flink 1 and in Flink 2: a JobManager that finds it starts it as it was, whatever is
# submitted. Where its checkpoints are is written elsewhere and stays.
forget_job() {
  request GET "$leaders" || return 0
  local jobs
  jobs=$(grep -oE '"(jobGraph|executionPlan)-[0-9a-f]+"' "$work/answer" | sort -u | sed 's/$/:null/' | paste -sd, -)
  if [ -n "$jobs" ]; then
    request PATCH "$leaders" --header='Content-Type: application/merge-patch+json' --body-data="{\"data\":{$jobs}}"
  fi
}

if [ "$on_change" != keep ] && request GET "$deployment"; then
  echo "submit: stopping the cluster $cluster, to start it again as it is declared now"
  stop
fi
# Also where the cluster is gone already: an earlier try may have come no further.
if [ "$on_change" = renew ]; then
  forget_job
fi

"$@" 2>&1 | tee "$work/client"
status=$?
if [ "$on_change" = keep ] && grep -qF "The Flink cluster $cluster already exists." "$work/client"; then
  echo "submit: the cluster $cluster is there already; what has changed since it started did not reach it"
  exit 0
fi
exit "$status"
