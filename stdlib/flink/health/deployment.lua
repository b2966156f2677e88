-- The health of a FlinkDeployment: healthy only while what Git asks for runs, and with it the job.

local function health(status, message)
  return { status = status, message = message }
end

local status = obj.status
if status == nil then
  return health("Progressing", "The operator has not looked at it yet.")
end

-- The operator keeps the last error until a reconciliation succeeds.
if status.error ~= nil and status.error ~= "" then
  return health("Degraded", status.error)
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil
  and status.observedGeneration < obj.metadata.generation then
  return health("Progressing", "The operator has not seen the last change yet.")
end

local lifecycle = status.lifecycleState
if lifecycle == "FAILED" then
  return health("Degraded", "The job has failed for good.")
elseif lifecycle == "ROLLED_BACK" then
  return health("Degraded", "The last change did not become stable; what ran before it runs again.")
elseif lifecycle == "SUSPENDED" then
  return health("Suspended", "The job is suspended.")
elseif lifecycle ~= "DEPLOYED" and lifecycle ~= "STABLE" then
  return health("Progressing", "The deployment is " .. (lifecycle or "CREATED") .. ".")
end

local manager = status.jobManagerDeploymentStatus
if manager == "ERROR" or manager == "MISSING" then
  return health("Degraded", "The JobManager's Deployment is " .. manager .. ".")
elseif manager ~= "READY" then
  return health("Progressing", "The JobManager's Deployment is " .. (manager or "not known yet") .. ".")
end

-- A session cluster has no job of its own.
if obj.spec.job == nil then
  return health("Healthy", "The session cluster is ready.")
end

local job = status.jobStatus and status.jobStatus.state
if job == "RUNNING" or job == "FINISHED" then
  return health("Healthy", "The job is " .. job .. ".")
elseif job == "FAILED" or job == "FAILING" or job == "CANCELED" then
  return health("Degraded", "The job is " .. job .. ".")
end
return health("Progressing", "The job is " .. (job or "not known yet") .. ".")
