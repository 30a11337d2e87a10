//! Certificates of an authority that only one test trusts.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

/// An authority, with its certificate in a file, as `DATABASE_CA_FILE` takes it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

/// What a server shows, and its key, as PEM.
pub struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Default for Authority {
    fn default() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("it signs itself");
        let file = env::temp_dir().join(format!("registration-ca-{}-{number}.pem", process::id()));
        fs::write(&file, issuer.pem()).expect("the temporary folder takes a file");
        Self { issuer, file }
    }
}

impl Authority {
    /// Where its own certificate is.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A certificate for this host.
    pub fn certifies(&self, host: &str) -> Certificate {
        self.sign(&params(host))
    }

    /// One that was good until the year 2000.
    pub fn certified_once(&self, host: &str) -> Certificate {
        let mut params = params(host);
        params.not_before = date_time_ymd(1999, 1, 1);
        params.not_after = date_time_ymd(2000, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("it can be signed");
        Certificate { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

fn params(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).expect("a name or an address")
}
