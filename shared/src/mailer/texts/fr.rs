//! French.

use super::{Letter, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "fr",
    within: |seconds| match seconds {
        60 => "dans la minute".to_owned(),
        seconds if seconds % 60 == 0 => format!("dans les {} minutes", seconds / 60),
        seconds => format!("dans les {seconds} secondes"),
    },
    activation: Letter {
        subject: "{code} est votre code d’activation",
        preview: "{code} – à saisir {within}.",
        lead: "Voici votre code d’activation. Saisissez-le {within}.",
        action: "Ouvrir la page d’activation",
        reason: "Vous recevez ce message parce que quelqu’un s’est inscrit avec {address}.",
        doubt: "Ce n’était pas vous ? Sans le code, personne n’obtient de compte.",
        doubt_action: "Signaler que ce n’était pas vous",
    },
    account_exists: Letter {
        subject: "Vous avez déjà un compte",
        preview: "Quelqu’un s’est de nouveau inscrit avec votre adresse.",
        lead: "Quelqu’un s’est inscrit avec {address}, qui a déjà un compte. \
               Rien n’a changé : connectez-vous comme toujours, ou demandez un nouveau mot de passe.",
        action: "Aller sur le site",
        reason: "Vous recevez ce message parce que le compte appartient à cette adresse.",
        doubt: "Ce n’était pas vous ?",
        doubt_action: "Signaler que ce n’était pas vous",
    },
};
