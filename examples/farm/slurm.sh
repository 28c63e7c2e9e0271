#!/usr/bin/env bash
# A plan on a Slurm cluster.
#
#   ./slurm.sh PLAN [SPEC.py]      on the login node: submits an array of all jobs, and a last job that finishes
#
# Change the numbers below to what `pairforge plan PLAN` says a job needs. Slurm runs this very file for each task.
#SBATCH --job-name=pairforge
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=02:00:00
#SBATCH --signal=B:TERM@90
#SBATCH --requeue
#SBATCH --open-mode=append
set -u

AT_ONCE=${AT_ONCE:-200}       # tasks at a time
CHUNK=${CHUNK:-1000}          # tasks of one array; Slurm's MaxArraySize is usually 1001
BEGUN_AGAIN=${BEGUN_AGAIN:-5} # times that a task is requeued at most

submit() {
    local jobs first last ids=""
    jobs=$(pairforge plan "$1" --count) || exit
    for ((first = 0; first < jobs; first += CHUNK)); do
        last=$((jobs - first < CHUNK ? jobs - first - 1 : CHUNK - 1))
        ids+=":$(OFFSET=$first sbatch --parsable --export=ALL --array="0-$last%$AT_ONCE" "$0" work "$@")" || exit
    done
    sbatch --dependency="afterany$ids" "$0" finish "$1"
}

work() {
    local code pid="" told=no place=$1 spec=${2:-}
    trap 'told=yes; kill -TERM "$pid" 2>/dev/null' TERM   # before there is work, and when it has ended, it tells nobody
    # --notice: the 90 seconds of --signal, less what this shell needs. One scratch folder for all jobs of a node: what
    # a killed one left there is removed by the next.
    pairforge work "$place" --offset "${OFFSET:-0}" ${spec:+--spec "$spec"} \
        --scratch "${TMPDIR:-/tmp}" --notice 85 --allow-quarantined &
    pid=$!
    [ $told = no ] || kill -TERM "$pid"   # the signal came while the work was being started
    wait "$pid"; code=$?
    if [ $told = yes ]; then   # the signal ended that wait, not the work
        wait "$pid"; code=$?
    fi
    if { [ $code = 4 ] || [ $code = 143 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt "$BEGUN_AGAIN" ]; then
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && exit 0
    fi
    exit $code
}

case "${1:-}" in
    work) shift; work "$@" ;;
    finish) pairforge finish "$2" ;;
    "") echo "usage: $0 PLAN [SPEC.py]" >&2; exit 2 ;;
    *) submit "$@" ;;
esac
