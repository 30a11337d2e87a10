//! The permissions of every role. A change of a permission changes one of these lists.

use serde_json::{Value, json};

use crate::templates::{TEMPLATES, list, plain, resource, resources, text, walk, yaml};

/// The statements of a role of `template.yaml`, one per line.
fn statements(role: &str) -> String {
    let role = resource(role);
    let policies = list(&role["Policies"]);
    let inline = policies.iter().flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
    let managed = list(&role["ManagedPolicyArns"]).into_iter().map(|it| plain(&it));
    managed.chain(inline.map(|statement| sentence(&statement))).collect::<Vec<_>>().join("\n")
}

fn sentence(statement: &Value) -> String {
    let words = |member: &str| {
        let words = list(&statement[member]).iter().map(plain).collect::<Vec<_>>().join(", ");
        let arns = ["rds-db", "lambda", "codedeploy"].map(|service| {
            format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:")
        });
        arns.iter().fold(words, |words, arn| words.replace(arn, ""))
    };
    let condition = match &statement["Condition"] {
        Value::Null => String::new(),
        condition => {
            let (_, keys) = condition.as_object().unwrap().iter().next().unwrap();
            let (key, value) = keys.as_object().unwrap().iter().next().unwrap();
            format!(" if {key} = {}", plain(value))
        }
    };
    format!("{} {} on {}{condition}", words("Effect"), words("Action"), words("Resource"))
}

#[test]
fn each_function_has_a_role_of_its_own_and_nothing_beside() {
    for (name, function) in resources("AWS::Serverless::Function") {
        assert_eq!(function["Role"], json!({ "Fn::GetAtt": format!("{name}Role.Arn") }), "{name}");
        assert_eq!(function["Policies"], Value::Null, "{name}");
    }
}

#[test]
fn register_stores_attempts_and_mails_codes() {
    insta::assert_snapshot!(statements("RegisterRole"), @r#"
    ${RunInNetwork}
    Allow logs:CreateLogStream, logs:PutLogEvents on ${RegisterLog.Arn}
    Allow rds-db:connect on dbuser:${Database.Outputs.ProxyResourceId}/register
    Allow secretsmanager:GetSecretValue on ${SecretKey}
    Allow kms:Decrypt on ${Key.Arn} if kms:ViaService = secretsmanager.${AWS::Region}.amazonaws.com
    Allow ses:SendEmail on ${Mail.Outputs.IdentityArn}, ${Mail.Outputs.ConfigurationSetArn} if ses:FromAddress = {"Fn::If":["HasMailDomain",{"Fn::Sub":"*@${MailDomain}"},{"Fn::Select":[0,{"Fn::Split":[">",{"Fn::Select":[1,{"Fn::Split":["<",{"Fn::Sub":"${MailFrom}<${MailFrom}"}]}]}]}]}]}
    "#);
}

#[test]
fn activate_sends_no_mail() {
    insta::assert_snapshot!(statements("ActivateRole"), @r"
    ${RunInNetwork}
    Allow logs:CreateLogStream, logs:PutLogEvents on ${ActivateLog.Arn}
    Allow rds-db:connect on dbuser:${Database.Outputs.ProxyResourceId}/activate
    Allow secretsmanager:GetSecretValue on ${SecretKey}
    Allow kms:Decrypt on ${Key.Arn} if kms:ViaService = secretsmanager.${AWS::Region}.amazonaws.com
    ");
}

#[test]
fn account_looks_after_accounts_and_mails_their_owners() {
    insta::assert_snapshot!(statements("AccountRole"), @r#"
    ${RunInNetwork}
    Allow logs:CreateLogStream, logs:PutLogEvents on ${AccountLog.Arn}
    Allow rds-db:connect on dbuser:${Database.Outputs.ProxyResourceId}/account
    Allow secretsmanager:GetSecretValue on ${SecretKey}
    Allow kms:Decrypt on ${Key.Arn} if kms:ViaService = secretsmanager.${AWS::Region}.amazonaws.com
    Allow ses:SendEmail on ${Mail.Outputs.IdentityArn}, ${Mail.Outputs.ConfigurationSetArn} if ses:FromAddress = {"Fn::If":["HasMailDomain",{"Fn::Sub":"*@${MailDomain}"},{"Fn::Select":[0,{"Fn::Split":[">",{"Fn::Select":[1,{"Fn::Split":["<",{"Fn::Sub":"${MailFrom}<${MailFrom}"}]}]}]}]}]}
    "#);
}

#[test]
fn site_touches_nothing() {
    insta::assert_snapshot!(statements("SiteRole"), @"Allow logs:CreateLogStream, logs:PutLogEvents on ${SiteLog.Arn}");
    assert_eq!(resource("Site")["VpcConfig"], Value::Null);
    // The settings that its pages state or show, and that its front door needs. No secret is among them.
    let told = resource("Site")["Environment"]["Variables"].as_object().unwrap().clone();
    assert_eq!(
        told.keys().collect::<Vec<_>>(),
        [
            "ACCENT_COLOR",
            "CODE_LENGTH",
            "CODE_LIFETIME_SECONDS",
            "CORS_ORIGINS",
            "HOME_URL",
            "LOGO_URL",
            "PASSWORD_MIN_LENGTH",
            "PUBLIC_URL",
            "SITE_NAME",
            "SUPPORT_URL",
            "TRUSTED_CALLERS"
        ]
    );
}

#[test]
fn migrate_alone_is_the_owner_of_the_schema() {
    insta::assert_snapshot!(statements("MigrateRole"), @r"
    ${RunInNetwork}
    Allow logs:CreateLogStream, logs:PutLogEvents on ${MigrateLog.Arn}
    Allow rds-db:connect on dbuser:${Database.Outputs.InstanceResourceId}/registration
    ");
}

#[test]
fn maintain_reads_imports_and_knows_no_secret_and_no_mail() {
    insta::assert_snapshot!(statements("MaintainRole"), @r"
    ${RunInNetwork}
    Allow logs:CreateLogStream, logs:PutLogEvents on ${MaintainLog.Arn}
    Allow rds-db:connect on dbuser:${Database.Outputs.ProxyResourceId}/maintain
    Allow s3:GetObject on ${Imports.Arn}/*
    Allow kms:Decrypt on ${Key.Arn} if kms:ViaService = s3.${AWS::Region}.amazonaws.com
    ");
    let variables = resource("Maintain")["Environment"]["Variables"].clone();
    assert_eq!(variables["OPERATE_COMMANDS"], "purge,import,grant");
    assert_eq!(resource("Migrate")["Environment"]["Variables"]["OPERATE_COMMANDS"], "migrate");
}

#[test]
fn who_starts_a_function_can_start_that_one_only() {
    insta::assert_snapshot!(statements("RunMigrateRole"), @r"
    Allow logs:CreateLogStream, logs:PutLogEvents on ${DeploymentLog.Arn}
    Allow lambda:InvokeFunction on ${Migrate.Arn}:*
    ");
    insta::assert_snapshot!(statements("PurgeRole"), @"Allow lambda:InvokeFunction on ${Maintain.Alias}");
    // The template alone defines the event of the schedule.
    assert_eq!(resource("Purge")["Target"]["Input"], r#"{"command":"purge"}"#);
}

#[test]
fn a_deployment_helps_itself_with_little() {
    insta::assert_snapshot!(statements("DigestRole"), @"Allow logs:CreateLogStream, logs:PutLogEvents on ${DeploymentLog.Arn}");
    insta::assert_snapshot!(statements("ProbeRole"), @r"
    Allow logs:CreateLogStream, logs:PutLogEvents on ${DeploymentLog.Arn}
    Allow lambda:InvokeFunction on function:${AWS::StackName}-register:*, function:${AWS::StackName}-activate:*, function:${AWS::StackName}-account:*, function:${AWS::StackName}-site:*
    Allow lambda:GetAlias on function:${AWS::StackName}-register, function:${AWS::StackName}-activate, function:${AWS::StackName}-account, function:${AWS::StackName}-site
    Allow codedeploy:PutLifecycleEventHookExecutionStatus on deploymentgroup:${ServerlessDeploymentApplication}/*
    ");
    insta::assert_snapshot!(statements("CodeDeployRole"), @r"
    Allow lambda:GetProvisionedConcurrencyConfig on function:${AWS::StackName}-register:*, function:${AWS::StackName}-activate:*, function:${AWS::StackName}-account:*, function:${AWS::StackName}-site:*
    Allow lambda:GetAlias, lambda:UpdateAlias on function:${AWS::StackName}-register, function:${AWS::StackName}-activate, function:${AWS::StackName}-account, function:${AWS::StackName}-site
    Allow lambda:InvokeFunction on ${Probe.Arn}
    Allow cloudwatch:DescribeAlarms on *
    ");
}

#[test]
fn no_role_is_without_the_boundary() {
    for (name, role) in resources("AWS::IAM::Role") {
        // The boundary exists for the roles that the pipeline creates.
        if name == "DeployRole" || name == "ExecutionRole" {
            continue;
        }
        let boundary = json!({ "Fn::If": ["HasBoundary", { "Ref": "PermissionsBoundary" }, { "Ref": "AWS::NoValue" }] });
        assert_eq!(role["PermissionsBoundary"], boundary, "{name}");
    }
}

#[test]
fn the_network_is_for_lambda_and_not_for_the_code() {
    let policy = resource("RunInNetwork");
    let statements = list(&policy["PolicyDocument"]["Statement"]);
    let statements = statements.iter().map(sentence).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(statements, @r"
    Allow ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets, ec2:DeleteNetworkInterface, ec2:AssignPrivateIpAddresses, ec2:UnassignPrivateIpAddresses on *
    Deny ec2:* on * if lambda:SourceFunctionArn = arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*
    ");
}

#[test]
fn each_function_connects_as_its_own_user() {
    for (function, user, endpoint) in [
        ("Register", "register", "Proxy"),
        ("Activate", "activate", "Proxy"),
        ("Account", "account", "Proxy"),
        ("Maintain", "maintain", "Proxy"),
        ("Migrate", "registration", "Instance"),
    ] {
        let variables = &resource(function)["Environment"]["Variables"];
        let url = format!(
            "postgres://{user}@${{Database.Outputs.{endpoint}Endpoint}}:5432/registration?sslmode=require"
        );
        assert_eq!(plain(&variables["DATABASE_URL"]), url);
        assert_eq!(variables["DATABASE_AUTH"], "iam", "{function}");
        let groups = list(&resource(function)["VpcConfig"]["SecurityGroupIds"]);
        assert_eq!(
            groups.iter().map(plain).collect::<Vec<_>>(),
            [format!("${{Network.Outputs.{function}Group}}")]
        );
    }
    // The proxy can connect as these four roles, but not as the owner.
    let database = yaml("infrastructure/database.yaml");
    let role = &database["Resources"]["ProxyRole"]["Properties"]["Policies"][0];
    let users = list(&role["PolicyDocument"]["Statement"][0]["Resource"]);
    let users: Vec<_> =
        users.iter().map(|it| plain(it).rsplit_once('/').unwrap().1.to_owned()).collect();
    assert_eq!(users, ["register", "activate", "account", "maintain"]);
}

#[test]
fn every_resource_that_is_everything_has_its_reason() {
    for path in TEMPLATES {
        let reasons = text(path).lines().filter(|line| line.contains("Resource: \"*\" # ")).count();
        let mut wildcards = 0;
        walk(&yaml(path), &mut |value| {
            let Value::Object(members) = value else { return };
            assert!(!members.contains_key("NotAction") && !members.contains_key("NotResource"));
            if let (Some(resource), Some(_)) = (members.get("Resource"), members.get("Effect")) {
                wildcards += list(resource).iter().filter(|it| *it == "*").count();
                for action in list(&members["Action"]) {
                    assert_ne!(action, "*", "{path}");
                }
            }
        });
        assert_eq!(reasons, wildcards, "{path}: `Resource: \"*\" # why`");
    }
}

#[test]
fn nothing_leads_out_of_the_network_or_into_it() {
    let network = text("infrastructure/network.yaml");
    for way in ["0.0.0.0/0", "::/0", "InternetGateway\n", "NatGateway\n", "AWS::EC2::Route\n"] {
        assert!(!network.contains(way), "{way}");
    }
    for (name, group) in resources("AWS::EC2::SecurityGroup") {
        for rule in list(&group["SecurityGroupEgress"]) {
            let to_a_group = rule["DestinationSecurityGroupId"].is_object();
            // The S3 endpoint below allows only one bucket.
            let to_s3 = rule["DestinationPrefixListId"] == json!({ "Ref": "S3PrefixList" });
            let reads_imports = name == "MaintainGroup" && to_s3 && rule["FromPort"] == 443;
            let nowhere = rule["CidrIp"] == "127.0.0.1/32";
            assert!(to_a_group || reads_imports || nowhere, "{name}: {rule}");
            assert!(rule["Description"].is_string(), "{name}");
        }
        assert_eq!(group["SecurityGroupIngress"], Value::Null, "{name}");
    }
}

#[test]
fn each_endpoint_serves_one_purpose() {
    let mut purposes = Vec::new();
    for (name, endpoint) in resources("AWS::EC2::VPCEndpoint") {
        let statements = list(&endpoint["PolicyDocument"]["Statement"]);
        assert_eq!(statements.len(), 1, "{name}");
        let ours =
            json!({ "StringEquals": { "aws:PrincipalAccount": { "Ref": "AWS::AccountId" } } });
        assert_eq!(statements[0]["Condition"], ours, "{name}");
        let what = list(&statements[0]["Resource"]).iter().map(plain).collect::<Vec<_>>();
        purposes.push(format!(
            "{name}: {} on {}",
            plain(&statements[0]["Action"]),
            what.join(", ")
        ));
    }
    insta::assert_snapshot!(purposes.join("\n"), @r"
    ImportsEndpoint: s3:GetObject on ${ImportsArn}/*
    MailEndpoint: ses:SendEmail on ${MailIdentityArn}, ${MailConfigurationSetArn}
    SecretsEndpoint: secretsmanager:GetSecretValue on ${SecretArn}
    ");
}

#[test]
fn who_may_knock_at_a_door_is_listed() {
    let mut callers = Vec::new();
    for (name, rule) in resources("AWS::EC2::SecurityGroupIngress") {
        let (to, from) = (plain(&rule["GroupId"]), plain(&rule["SourceSecurityGroupId"]));
        callers.push(format!("{from} to {to}:{}", rule["FromPort"]));
        assert_eq!(rule["FromPort"], rule["ToPort"], "{name}");
    }
    callers.sort();
    insta::assert_snapshot!(callers.join("\n"), @r"
    ${AccountGroup} to ${MailGroup}:443
    ${AccountGroup} to ${ProxyGroup}:5432
    ${AccountGroup} to ${SecretsGroup}:443
    ${ActivateGroup} to ${ProxyGroup}:5432
    ${ActivateGroup} to ${SecretsGroup}:443
    ${MaintainGroup} to ${ProxyGroup}:5432
    ${MigrateGroup} to ${DatabaseGroup}:5432
    ${ProxyGroup} to ${DatabaseGroup}:5432
    ${RegisterGroup} to ${MailGroup}:443
    ${RegisterGroup} to ${ProxyGroup}:5432
    ${RegisterGroup} to ${SecretsGroup}:443
    ");
}
