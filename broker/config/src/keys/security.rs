//! Broker settings: authentication, encryption and authorization.
//! Rows only: what they mean is in `key`.

use crate::key::{Key, key_table};

key_table! {
    "allow.everyone.if.no.acl.found": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether a resource without any ACL is open to everyone.";
    "authorizer.class.name": String = "", Any, ReadOnly, NotYet,
        "Who decides what a principal may do.";
    "super.users": String = "", Any, ReadOnly, NotYet,
        "Principals that may do everything, separated by semicolons.";
    "delegation.token.expiry.check.interval.ms": Long = "3600000", Min(1), ReadOnly, NotYet,
        "Time between two looks for expired tokens.";
    "delegation.token.expiry.time.ms": Long = "86400000", Min(1), ReadOnly, NotYet,
        "How long a token lives before it must be renewed.";
    "delegation.token.max.lifetime.ms": Long = "604800000", Min(1), ReadOnly, NotYet,
        "How long a token may live with renewals.";
    "delegation.token.secret.key": Password = none, Any, ReadOnly, NotYet,
        "Secret that signs delegation tokens.";
    "principal.builder.class": Class = "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", Any, PerBroker, NoEffect,
        "Accepted; principal builders written in Java cannot be loaded.";
    "security.providers": String = none, Any, ReadOnly, NoEffect,
        "Accepted; security providers written in Java cannot be loaded.";
    "sasl.client.callback.handler.class": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; login code written in Java cannot be loaded.";
    "sasl.enabled.mechanisms": List = "GSSAPI", Any, PerBroker, NotYet,
        "SASL mechanisms offered to clients.";
    "sasl.jaas.config": Password = none, Any, PerBroker, NotYet,
        "Login settings in JAAS form, usually per listener and mechanism.";
    "sasl.kerberos.kinit.cmd": String = "/usr/bin/kinit", Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.kerberos.min.time.before.relogin": Long = "60000", Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.kerberos.principal.to.local.rules": List = "DEFAULT", Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.kerberos.service.name": String = none, Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.kerberos.ticket.renew.jitter": Double = "0.05", Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.kerberos.ticket.renew.window.factor": Double = "0.8", Any, PerBroker, NoEffect,
        "Accepted; Kerberos is not offered.";
    "sasl.login.callback.handler.class": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; login code written in Java cannot be loaded.";
    "sasl.login.class": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; login code written in Java cannot be loaded.";
    "sasl.login.connect.timeout.ms": Int = none, Any, ReadOnly, NotYet,
        "Wait for a connection to the identity provider.";
    "sasl.login.read.timeout.ms": Int = none, Any, ReadOnly, NotYet,
        "Wait for an answer of the identity provider.";
    "sasl.login.refresh.buffer.seconds": Short = "300", Any, PerBroker, NotYet,
        "Time before expiry that must remain when a login is refreshed.";
    "sasl.login.refresh.min.period.seconds": Short = "60", Any, PerBroker, NotYet,
        "Shortest time between two refreshes of a login.";
    "sasl.login.refresh.window.factor": Double = "0.8", Any, PerBroker, NotYet,
        "Share of a login's lifetime after which it is refreshed.";
    "sasl.login.refresh.window.jitter": Double = "0.05", Any, PerBroker, NotYet,
        "Random share added to the refresh time of a login.";
    "sasl.login.retry.backoff.max.ms": Long = "10000", Any, ReadOnly, NotYet,
        "Longest wait between tries to reach the identity provider.";
    "sasl.login.retry.backoff.ms": Long = "100", Any, ReadOnly, NotYet,
        "First wait between tries to reach the identity provider.";
    "sasl.mechanism.controller.protocol": String = "GSSAPI", Any, ReadOnly, NotYet,
        "SASL mechanism towards controllers.";
    "sasl.mechanism.inter.broker.protocol": String = "GSSAPI", Any, PerBroker, NotYet,
        "SASL mechanism between brokers.";
    "sasl.oauthbearer.assertion.algorithm": String = "RS256", OneOfAnyCase(&["ES256", "RS256"]), ReadOnly, NotYet,
        "Signature algorithm of a login assertion.";
    "sasl.oauthbearer.assertion.claim.aud": String = none, Any, ReadOnly, NotYet,
        "Audience of a login assertion.";
    "sasl.oauthbearer.assertion.claim.exp.seconds": Int = "300", Between(0, 86_400), ReadOnly, NotYet,
        "Lifetime of a login assertion.";
    "sasl.oauthbearer.assertion.claim.iss": String = none, Any, ReadOnly, NotYet,
        "Issuer of a login assertion.";
    "sasl.oauthbearer.assertion.claim.jti.include": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether a login assertion carries a unique id.";
    "sasl.oauthbearer.assertion.claim.nbf.seconds": Int = "60", Between(0, 3600), ReadOnly, NotYet,
        "How far back a login assertion's validity begins.";
    "sasl.oauthbearer.assertion.claim.sub": String = none, Any, ReadOnly, NotYet,
        "Subject of a login assertion.";
    "sasl.oauthbearer.assertion.file": String = none, Any, ReadOnly, NotYet,
        "File with a ready login assertion.";
    "sasl.oauthbearer.assertion.private.key.file": String = none, Any, ReadOnly, NotYet,
        "Key that signs login assertions.";
    "sasl.oauthbearer.assertion.private.key.passphrase": Password = none, Any, ReadOnly, NotYet,
        "Passphrase of the key that signs login assertions.";
    "sasl.oauthbearer.assertion.template.file": String = none, Any, ReadOnly, NotYet,
        "File with further headers and claims of login assertions.";
    "sasl.oauthbearer.client.credentials.client.id": String = none, Any, ReadOnly, NotYet,
        "Client id shown to the identity provider.";
    "sasl.oauthbearer.client.credentials.client.secret": Password = none, Any, ReadOnly, NotYet,
        "Client secret shown to the identity provider.";
    "sasl.oauthbearer.clock.skew.seconds": Int = "30", Any, ReadOnly, NotYet,
        "Clock difference tolerated when a token is checked.";
    "sasl.oauthbearer.expected.audience": List = "", Any, ReadOnly, NotYet,
        "Audiences of which a token must name one.";
    "sasl.oauthbearer.expected.issuer": String = none, Any, ReadOnly, NotYet,
        "Issuer that a token must name.";
    "sasl.oauthbearer.jwks.endpoint.refresh.ms": Long = "3600000", Any, ReadOnly, NotYet,
        "Time between two reads of the identity provider's keys.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": Long = "10000", Any, ReadOnly, NotYet,
        "Longest wait between tries to read the identity provider's keys.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": Long = "100", Any, ReadOnly, NotYet,
        "First wait between tries to read the identity provider's keys.";
    "sasl.oauthbearer.jwks.endpoint.url": String = none, Any, ReadOnly, NotYet,
        "Where the identity provider's keys are.";
    "sasl.oauthbearer.jwt.retriever.class": Class = "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", Any, ReadOnly, NoEffect,
        "Accepted; token code written in Java cannot be loaded.";
    "sasl.oauthbearer.jwt.validator.class": Class = "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", Any, ReadOnly, NoEffect,
        "Accepted; token code written in Java cannot be loaded.";
    "sasl.oauthbearer.scope": String = none, Any, ReadOnly, NotYet,
        "Scope asked for at login.";
    "sasl.oauthbearer.scope.claim.name": String = "scope", Any, ReadOnly, NotYet,
        "Claim that holds a token's scope.";
    "sasl.oauthbearer.sub.claim.name": String = "sub", Any, ReadOnly, NotYet,
        "Claim that holds a token's subject.";
    "sasl.oauthbearer.token.endpoint.url": String = none, Any, ReadOnly, NotYet,
        "Where the identity provider gives out tokens.";
    "sasl.server.callback.handler.class": Class = none, Any, ReadOnly, NoEffect,
        "Accepted; login code written in Java cannot be loaded.";
    "sasl.server.max.receive.size": Int = "524288", Any, ReadOnly, NotYet,
        "Largest SASL message that is read.";
    "ssl.allow.dn.changes": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether a new certificate may carry another name while the broker runs.";
    "ssl.allow.san.changes": Boolean = "false", Any, ReadOnly, NotYet,
        "Whether a new certificate may drop host names while the broker runs.";
    "ssl.cipher.suites": List = "", Any, PerBroker, NotYet,
        "Cipher suites offered; the library's own choice when empty.";
    "ssl.client.auth": String = "none", OneOf(&["required", "requested", "none"]), PerBroker, NotYet,
        "Whether clients must, may or need not show a certificate.";
    "ssl.enabled.protocols": List = "TLSv1.2,TLSv1.3", Any, PerBroker, NotYet,
        "TLS versions offered.";
    "ssl.endpoint.identification.algorithm": String = "https", Any, PerBroker, NotYet,
        "How the other side's host name is checked.";
    "ssl.engine.factory.class": Class = none, Any, PerBroker, NoEffect,
        "Accepted; TLS code written in Java cannot be loaded.";
    "ssl.key.password": Password = none, Any, PerBroker, NotYet,
        "Passphrase of the private key.";
    "ssl.keymanager.algorithm": String = "SunX509", Any, PerBroker, NoEffect,
        "Accepted; it names a part of the Java platform.";
    "ssl.keystore.certificate.chain": Password = none, Any, PerBroker, NotYet,
        "Certificate chain in PEM.";
    "ssl.keystore.key": Password = none, Any, PerBroker, NotYet,
        "Private key in PEM.";
    "ssl.keystore.location": String = none, Any, PerBroker, NotYet,
        "File with key and certificate chain.";
    "ssl.keystore.password": Password = none, Any, PerBroker, NotYet,
        "Passphrase of the key file.";
    "ssl.keystore.type": String = "JKS", Any, PerBroker, NotYet,
        "Format of the key file.";
    "ssl.principal.mapping.rules": String = "DEFAULT", Any, ReadOnly, NotYet,
        "Rules that make a principal from a certificate's name.";
    "ssl.protocol": String = "TLSv1.3", Any, PerBroker, NotYet,
        "TLS version to start with.";
    "ssl.provider": String = none, Any, PerBroker, NoEffect,
        "Accepted; it names a part of the Java platform.";
    "ssl.secure.random.implementation": String = none, Any, PerBroker, NoEffect,
        "Accepted; it names a part of the Java platform.";
    "ssl.trustmanager.algorithm": String = "PKIX", Any, PerBroker, NoEffect,
        "Accepted; it names a part of the Java platform.";
    "ssl.truststore.certificates": Password = none, Any, PerBroker, NotYet,
        "Trusted certificates in PEM.";
    "ssl.truststore.location": String = none, Any, PerBroker, NotYet,
        "File with trusted certificates.";
    "ssl.truststore.password": Password = none, Any, PerBroker, NotYet,
        "Passphrase of the file with trusted certificates.";
    "ssl.truststore.type": String = "JKS", Any, PerBroker, NotYet,
        "Format of the file with trusted certificates.";
}
